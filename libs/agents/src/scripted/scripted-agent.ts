/**
 * A deterministic agent for the demo and the tests: `node scripted-agent.js script.json`, started like any other agent.
 *
 * It imports nothing but Node, so that in a sandbox this one file and the script are all that has to be seen.
 */
// eslint-disable-next-line no-restricted-imports -- a program of its own that plays an agent leaving children behind
import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { AgentScript, ScriptStep } from "./script.js";

const BAD_SCRIPT = 64;
const BAD_PROMPT = 65;
const FLOOD_CHUNK_BYTES = 64 * 1024;

// eslint-disable-next-line no-restricted-syntax -- the contract of a command agent is its environment
const environment = process.env;
const names: Readonly<Record<string, string>> = {
  phase: environment["PULLWRIGHT_PHASE"] ?? "",
  round: environment["PULLWRIGHT_ROUND"] ?? "1",
  run: environment["PULLWRIGHT_RUN_ID"] ?? "",
  issue: environment["PULLWRIGHT_ISSUE_NUMBER"] ?? "",
};

process.stdout.on("error", () => process.exit(1)); // the reader is gone
await run();

async function run(): Promise<void> {
  const [, , scriptFile] = process.argv;
  if (scriptFile === undefined)
    return fail(BAD_SCRIPT, "usage: scripted-agent.js script.json");
  const script = JSON.parse(await readFile(scriptFile, "utf8")) as AgentScript; // written by us; a wrong step ends the run
  const prompt = await readPrompt();
  const rounds = script.phases[names["phase"] ?? ""] ?? [];
  const steps = rounds[Math.min(Number(names["round"]), rounds.length) - 1];
  if (steps === undefined)
    return fail(
      BAD_SCRIPT,
      `the script has no phase "${names["phase"] ?? ""}"`,
    );
  for (const step of steps) await perform(step, prompt);
}

async function readPrompt(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer); // no encoding was set
  return Buffer.concat(chunks).toString("utf8");
}

async function perform(step: ScriptStep, prompt: string): Promise<void> {
  if ("print" in step)
    return print(
      typeof step.print === "string" ? step.print : JSON.stringify(step.print),
      step.stream,
    );
  if ("delayMs" in step) return wait(step.delayMs);
  if ("write" in step) return write(fill(step.write), fill(step.content));
  if ("edit" in step) return edit(step);
  if ("remove" in step)
    return rm(fill(step.remove), { recursive: true, force: true });
  if ("output" in step)
    return write(
      environment["PULLWRIGHT_OUTPUT"] ?? "",
      fill(JSON.stringify(step.output)),
    );
  if ("expectPrompt" in step) {
    if (prompt.includes(fill(step.expectPrompt))) return;
    return fail(
      BAD_PROMPT,
      `the prompt does not hold "${fill(step.expectPrompt)}"`,
    );
  }
  if ("obey" in step) return obey(step.obey, prompt);
  if ("printEnvironment" in step) return print(JSON.stringify(environment));
  if ("flood" in step) return flood(step.flood, step.lineBytes ?? 1000);
  if ("ignoreSignals" in step) {
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"])
      process.on(signal, () => undefined);
    return;
  }
  if ("leaveChild" in step) return leaveChild(step.leaveChild);
  if ("allocateMegabytes" in step) {
    allocate(step.allocateMegabytes);
    return;
  }
  if ("hang" in step) return wait(2 ** 31 - 1);
  if ("die" in step) {
    process.kill(process.pid, step.die);
    return wait(60_000);
  }
  if ("exit" in step) return process.exit(step.exit);
  return fail(BAD_SCRIPT, `no such step: ${JSON.stringify(step)}`);
}

async function print(
  line: string,
  stream: "stdout" | "stderr" = "stdout",
): Promise<void> {
  await put(`${fill(line)}\n`, stream);
}

/** Waits until the text has left the process: an exit right after must not lose it. */
function put(
  text: string,
  stream: "stdout" | "stderr" = "stdout",
): Promise<void> {
  return new Promise((resolve) => process[stream].write(text, () => resolve()));
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

async function edit(
  step: Extract<ScriptStep, { edit: string }>,
): Promise<void> {
  const path = fill(step.edit);
  const before = await readFile(path, "utf8");
  const parts = before.split(fill(step.find));
  if (parts.length !== 2)
    return fail(
      BAD_SCRIPT,
      `"${step.find}" occurs ${parts.length - 1} times in ${path}`,
    );
  await writeFile(path, parts.join(fill(step.replace)));
}

async function obey(word: string, prompt: string): Promise<void> {
  for (const line of prompt.split("\n")) {
    if (line.startsWith(`${word} {`))
      await perform(JSON.parse(line.slice(word.length)) as ScriptStep, "");
  }
}

async function flood(bytes: number, lineBytes: number): Promise<void> {
  const line = `${"x".repeat(Math.max(0, lineBytes - 1))}\n`;
  const chunk = line.repeat(
    Math.max(1, Math.floor(FLOOD_CHUNK_BYTES / line.length)),
  );
  for (let left = bytes; left > 0; left -= chunk.length)
    await put(chunk.slice(0, left));
}

/** In a session of its own: no signal to our group reaches it. */
async function leaveChild(livesMs: number): Promise<void> {
  const child = spawn(
    process.execPath,
    ["-e", `setTimeout(() => {}, ${livesMs})`],
    { detached: true, stdio: "ignore" },
  );
  child.unref();
  await print(`left child ${child.pid ?? "none"}`);
}

function allocate(megabytes: number): void {
  const kept = Array.from({ length: megabytes }, () =>
    Buffer.alloc(1024 * 1024, 1),
  );
  process.on("exit", () => kept.length);
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function fail(code: number, message: string): Promise<void> {
  await put(`scripted agent: ${message}\n`, "stderr");
  process.exit(code);
}

function fill(text: string): string {
  return text.replace(
    /\{\{(phase|round|run|issue)\}\}/g,
    (_, name: string) => names[name] ?? "",
  );
}
