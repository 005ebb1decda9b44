import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

// The agent of the fault suite: a program of its own, copied to where a sandbox can show it. In each turn it asks the
// director, whose port is its argument, what to do, and does it. One line a step: a word, then a number or a text.

const { env } = process;
const port = process.argv[2] ?? "";
readFileSync(0); // The prompt; what to do is told by the director alone.
process.on("SIGHUP", () => undefined);

const say = (event: object) => console.log(JSON.stringify(event));

const steps: Readonly<Record<string, (argument: string) => unknown>> = {
  /** Prints as it waits, so that it does not pass for silent. */
  sleep: async (ms) => {
    const endAt = performance.now() + Number(ms);
    while (performance.now() < endAt) {
      console.log("at work");
      await sleep(Math.min(200, Math.max(1, endAt - performance.now())));
    }
  },
  silent: (ms) => sleep(Number(ms)),
  /** Goes on for ever, with a child that left its process group. */
  hang: async () => {
    daemon();
    for (;;) {
      console.log("still here");
      await sleep(200);
    }
  },
  daemon: () => daemon(),
  deaf: () => process.on("SIGTERM", () => console.log("SIGTERM? Not now.")),
  /** A file of its own for each issue, so that runs do not conflict. */
  edit: (text) =>
    writeFileSync(
      `change-${env["PULLWRIGHT_ISSUE_NUMBER"] ?? ""}.txt`,
      `${text === "" ? "changed" : text}\n`,
    ),
  write: (path) => writeFileSync(path, "written\n"),
  spam: async (bytes) => {
    const line = `${"x".repeat(1_023)}\n`;
    for (let left = Number(bytes); left > 0; left -= line.length)
      if (!process.stdout.write(line))
        await new Promise((resolve) => process.stdout.once("drain", resolve));
  },
  line: (bytes) =>
    new Promise((resolve) =>
      process.stdout.write(`${"y".repeat(Number(bytes))}\n`, resolve),
    ),
  eat: async (bytes) => {
    const eaten: Buffer[] = [];
    for (let left = Number(bytes); left > 0; left -= 1 << 24) {
      eaten.push(Buffer.alloc(1 << 24, 1));
      await sleep(1);
    }
  },
  say: (json) => console.log(json),
  exit: (code) => process.exit(Number(code)),
  die: (signal) => process.kill(process.pid, signal),
};

function daemon(): void {
  const child = spawn(
    process.execPath,
    ["-e", "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)"],
    { detached: true, stdio: "ignore" },
  );
  child.unref(); // Nobody waits for it.
  console.log(`left a child ${String(child.pid)}`);
}

async function whatToDo(): Promise<readonly string[]> {
  const turn = new URLSearchParams({
    run: env["PULLWRIGHT_RUN_ID"] ?? "",
    issue: env["PULLWRIGHT_ISSUE_NUMBER"] ?? "",
    phase: env["PULLWRIGHT_PHASE"] ?? "",
    round: env["PULLWRIGHT_ROUND"] ?? "",
  });
  const answer = await fetch(`http://127.0.0.1:${port}/?${turn.toString()}`);
  return (await answer.json()) as string[]; // The director's own format.
}

for (const step of await whatToDo()) {
  const [word = "", ...rest] = step.split(" ");
  const act = steps[word];
  if (act === undefined) throw new Error(`There is no step ${word}.`);
  await act(rest.join(" "));
}
say({
  type: "usage",
  scope: "step",
  usage: { input_tokens: 10, output_tokens: 1, cost_usd: 0.01 },
});
const answers: Readonly<Record<string, object>> = {
  classify: { classification: "chore" },
  plan: { plan: "# Plan\n\nChange a file.\n", summary: "A plan." },
  build: { summary: "Changed a file." },
};
writeFileSync(
  env["PULLWRIGHT_OUTPUT"] ?? "",
  JSON.stringify(answers[env["PULLWRIGHT_PHASE"] ?? ""] ?? {}),
);
