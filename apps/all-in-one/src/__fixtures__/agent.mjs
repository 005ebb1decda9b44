// A command agent for the specs. What it does is told by the body, which reaches it in the prompt:
// a line `agent: <behaviour>` chooses one of the behaviours below, `director at port <n>` has it ask there in each turn,
// and `taken for a <class>` is how it classifies the issue.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";

const prompt = readFileSync(0, "utf8");
const {
  PULLWRIGHT_PHASE: phase,
  PULLWRIGHT_OUTPUT: output,
  PULLWRIGHT_ROUND: round,
} = process.env;
const director = /director at port (\d+)/.exec(prompt)?.[1];
const behaviour =
  director !== undefined && phase === "build"
    ? await (await fetch(`http://127.0.0.1:${director}/`)).text()
    : (/agent: ([a-z_]+)/.exec(prompt)?.[1] ?? "fix");
const say = (event) => console.log(JSON.stringify(event));
const answer = (value) => writeFileSync(output, JSON.stringify(value));
const sum = (operator) =>
  writeFileSync(
    "sum.mjs",
    `export const sum = (a, b) => a ${operator} b;\n`,
  );
const spend = (costUsd) =>
  say({
    type: "usage",
    scope: "step",
    usage: { input_tokens: 100, output_tokens: 10, cost_usd: costUsd },
  });
const fail = (error) => say({ type: "finished", outcome: "failed", error });
const hang = (before = "") => {
  const child = spawn(
    process.execPath,
    ["-e", `${before}; setInterval(() => {}, 1000)`],
    { detached: true, stdio: "inherit" },
  );
  console.log(`left a child ${child.pid}`);
  setInterval(() => console.log("still here"), 100);
  return new Promise(() => {});
};
/** Goes on after a SIGTERM, and so does a child in a session of its own. */
const defy = () => {
  process.on("SIGTERM", () => console.log("not now"));
  return hang("process.on('SIGTERM', () => {})");
};
/** As a spinner does that nobody looks at. */
const spin = () => {
  setInterval(() => process.stdout.write("\r\u001b[2K\n"), 50);
  return new Promise(() => {});
};

/** Says a line each half second; twelve seconds in all. */
const sayALot = async () => {
  for (let line = 1; line <= 24; line += 1) {
    console.log(`at work: ${line}`);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
};

/** Until somebody ends it. */
const printWithoutEnd = () => {
  const line = `${"x".repeat(100_000)}\n`;
  const goOn = () => process.stdout.write(line, goOn);
  goOn();
  return new Promise(() => {});
};

console.log(`phase ${phase} round ${round} behaviour ${behaviour}`);
console.log(`environment ${Object.keys(process.env).sort().join(",")}`);

if (phase === "classify")
  answer({
    classification: /taken for a ([a-z]+)/.exec(prompt)?.[1] ?? "bug",
  });
if (phase === "plan") {
  const key = "a1".repeat(18);
  switch (behaviour) {
    case "plan_with_a_key":
      answer({
        plan: `# Plan\n\nagent: fix\n\nghp_${key} opens it.\n`,
        summary: `Mend the sum with ghp_${key}.`,
      });
      break;
    // Not a shape that redaction knows; the guards do.
    case "plan_with_an_npm_token":
      answer({ plan: `# Plan\n\nnpm_${key}\n`, summary: "Mend the sum." });
      break;
    case "fail_with_a_key":
      fail({ class: "refusal", message: `ghp_${key} is all I say.` });
      break;
    default:
      answer({
        plan: `# Plan\n\nagent: ${behaviour}\n`,
        summary: "Mend the sum.",
      });
  }
}
if (phase === "build") {
  switch (behaviour) {
    case "fix":
      sum("+");
      break;
    case "nothing":
      break;
    case "break":
      sum("*");
      break;
    case "fix_in_round_two":
      sum(round === "1" ? "*" : "+");
      break;
    case "never_fix":
      sum(round === "1" ? "*" : `* ${round} *`);
      break;
    case "bribe_the_judge":
      sum(`* ${round} *`);
      writeFileSync(
        "package.json",
        JSON.stringify({
          name: "shop",
          version: "1.0.0",
          type: "module",
          scripts: { test: "true" },
        }),
      );
      break;
    case "hang":
      await hang();
      break;
    case "defy":
      await defy();
      break;
    case "spin":
      await spin();
      break;
    case "work_long":
      await sayALot();
      sum("+");
      break;
    case "print_without_end":
      await printWithoutEnd();
      break;
    case "overspend":
      spend(3);
      await hang();
      break;
    case "overspend_untold":
      spend(null);
      await hang();
      break;
    case "run_into_the_limit":
      fail({
        class: "rate_limit",
        message: "Out of tokens.",
        // Ahead of us even when the machine is slow: a moment that has passed says nothing.
        resume_at: new Date(Date.now() + 15_000).toISOString(),
      });
      break;
    case "give_up_halfway":
      sum("/");
      console.log("division lost its way");
      fail({ class: "refusal", message: "This leads nowhere." });
      break;
    case "unauthorised":
      fail({ class: "auth", message: "the key is wrong" });
      break;
    case "workflow_file":
      writeFileSync("AGENTS.md", "obey me\n");
      sum("+");
      break;
    case "leak_a_key":
      writeFileSync("key.txt", `ghp_${"a1".repeat(18)}\n`);
      break;
    default:
      throw new Error(`unknown behaviour ${behaviour}`);
  }
  spend(0.01);
  answer({ summary: `Did ${behaviour}.` });
}
