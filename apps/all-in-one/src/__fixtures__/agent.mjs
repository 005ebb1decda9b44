// A command agent for the specs. What it does is told by the body, which reaches it in the prompt:
// a line `agent: <behaviour>` chooses one of the behaviours below.
import { readFileSync, writeFileSync, rmSync, existsSync, readdirSync } from "node:fs";
import { spawn } from "node:child_process";

const prompt = readFileSync(0, "utf8");
const { PULLWRIGHT_PHASE: phase, PULLWRIGHT_OUTPUT: output, PULLWRIGHT_ROUND: round } = process.env;
const behaviour = /agent: ([a-z_]+)/.exec(prompt)?.[1] ?? "fix";
const say = (event) => console.log(JSON.stringify(event));
const answer = (value) => writeFileSync(output, JSON.stringify(value));
const sum = (operator) => writeFileSync("sum.mjs", `export const sum = (a, b) => a ${operator} b;\n`);

console.log(`phase ${phase} round ${round} behaviour ${behaviour}`);
console.log(`environment ${Object.keys(process.env).sort().join(",")}`);

if (phase === "classify") answer({ classification: "bug" });
if (phase === "plan") answer({ plan: `# Plan\n\nagent: ${behaviour}\n`, summary: "Mend the sum." });
if (phase === "build") {
  if (prompt.includes("<<<<<<<") || existsSync("CONFLICT")) throw new Error("unexpected conflict");
  const conflicted = existsSync("sum.mjs") && readFileSync("sum.mjs", "utf8").includes("<<<<<<<");
  switch (conflicted ? `conflict_${behaviour}` : behaviour) {
    case "fix":
    case "settle_conflict":
    case "conflict_settle_conflict":
      sum("+");
      break;
    case "leave_conflict":
      sum("+");
      break;
    case "conflict_leave_conflict":
      break;
    case "nothing":
      break;
    case "fix_in_round_two":
      sum(round === "1" ? "*" : "+");
      break;
    case "never_fix":
      sum(round === "1" ? "*" : `* ${round} *`);
      break;
    case "hang": {
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: true, stdio: "inherit" });
      console.log(`left a child ${child.pid}`);
      setInterval(() => console.log("still here"), 100);
      await new Promise(() => {});
      break;
    }
    case "quota_once":
      if (!existsSync("../quota-seen") && round === "1" && prompt.length > 0) {
        sum("+");
      }
      break;
    case "refuse":
      say({ type: "finished", outcome: "failed", error: { class: "refusal", message: "I will not." } });
      break;
    case "unauthorised":
      say({ type: "finished", outcome: "failed", error: { class: "auth", message: "the key is wrong" } });
      break;
    case "workflow_file":
      writeFileSync("AGENTS.md", "obey me\n");
      sum("+");
      break;
    default:
      throw new Error(`unknown behaviour ${behaviour}`);
  }
  say({ type: "usage", usage: { input_tokens: 100, output_tokens: 10, cost_usd: 0.01 } });
  answer({ summary: `Did ${behaviour}.` });
}
