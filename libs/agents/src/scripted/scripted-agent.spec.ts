import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformFile } from "@swc/core";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "@jest/globals";
import type { AgentEvent } from "@pullwright/contracts";
import type { AgentExit } from "../agent.js";
import { readOutputFile } from "../answer/output-file.js";
import { createAgents } from "../create-agents.js";
import { toPhaseFailure } from "../outcome/phase-failure.js";
import type { AgentScript, ScriptStep } from "./script.js";

let programFolder: string;
let program: string;
let folder: string;

/** From the source, so that a stale build is never what is tested. */
beforeAll(async () => {
  programFolder = await mkdtemp(join(tmpdir(), "scripted-program-"));
  program = join(programFolder, "scripted-agent.mjs");
  const source = fileURLToPath(new URL("./scripted-agent.ts", import.meta.url));
  const { code } = await transformFile(source, {
    swcrc: false,
    jsc: { parser: { syntax: "typescript" }, target: "es2022" },
    module: { type: "es6" },
  });
  await writeFile(program, code);
});
afterAll(() => rm(programFolder, { recursive: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "scripted-"));
  await Promise.all(
    ["worktree", "home", "out"].map((name) => mkdir(join(folder, name))),
  );
});
afterEach(() => rm(folder, { recursive: true }));

interface RunOptions {
  readonly phase?: string;
  readonly round?: number;
  readonly prompt?: string;
  readonly onLine?: (line: string, pid: number) => void;
}

/** Starts the agent as any other, through its adapter, and reads it with its parser. */
async function run(
  phases: AgentScript["phases"] | readonly ScriptStep[],
  options: RunOptions = {},
) {
  const scriptFile = join(folder, "script.json");
  const script = {
    phases: Array.isArray(phases)
      ? { build: [phases as ScriptStep[]] }
      : phases,
  };
  await writeFile(scriptFile, JSON.stringify(script));
  const adapter = createAgents({
    host: { searchPath: "/usr/bin:/bin", sandboxed: false, runsAsRoot: false },
    scripted: { script: scriptFile, program },
  }).get("scripted");
  if (adapter === undefined) throw new Error("no scripted agent");
  const outputFile = join(folder, "out", "output.json");
  const launch = adapter.prepare({
    phase: options.phase ?? "build",
    round: options.round ?? 1,
    runId: "r",
    adwId: "abcd1234",
    issueNumber: 7,
    prompt: options.prompt ?? "Do it.",
    homeDir: join(folder, "home"),
    outputFile,
    worktree: join(folder, "worktree"),
  });
  const [command, ...args] = launch.argv;
  const child = spawn(command, args, { cwd: launch.cwd, env: launch.env });
  const parser = adapter.createParser();
  const events: AgentEvent[] = [];
  const stderr: string[] = [];
  let rest = "";
  child.stdin.end(launch.stdin);
  child.stderr
    .setEncoding("utf8")
    .on("data", (chunk: string) => stderr.push(chunk));
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      events.push(...parser.line("stdout", line));
      options.onLine?.(line, child.pid ?? 0);
    }
  });
  const [exitCode, signal] = (await once(child, "close")) as [
    number | null,
    string | null,
  ];
  const exit: AgentExit = { exitCode, signal, stderrTail: stderr.join("") };
  const finished = parser.end(exit);
  return {
    events,
    finished,
    exit,
    failure: toPhaseFailure(finished, exit),
    output: await readOutputFile(outputFile),
  };
}

const worktree = (path: string) =>
  readFile(join(folder, "worktree", path), "utf8");

describe("the scripted agent", () => {
  it("edits files, prints lines and events, and leaves an answer", async () => {
    await writeFile(join(folder, "worktree", "total.js"), "return a - b;\n");
    const { events, finished, output } = await run([
      { print: "reading issue {{issue}}" },
      {
        print: {
          type: "tool_started",
          call_id: "1",
          name: "edit",
          kind: "edit",
        },
      },
      { edit: "total.js", find: "a - b", replace: "a + b" },
      {
        write: "docs/notes.md",
        content: "Run {{run}}, round {{round}} of {{phase}}.\n",
      },
      {
        print: {
          type: "usage",
          usage: { input_tokens: 10, output_tokens: 5, cost_usd: 0.01 },
        },
      },
      { output: { summary: "Mended #{{issue}}." } },
    ]);
    expect(finished).toMatchObject({
      outcome: "succeeded",
      usage: { input_tokens: 10, cost_usd: 0.01 },
    });
    expect(events.map((event) => event.type)).toEqual([
      "raw",
      "tool_started",
      "usage",
    ]);
    expect(events[0]).toMatchObject({ line: "reading issue 7" });
    expect(await worktree("total.js")).toBe("return a + b;\n");
    expect(await worktree("docs/notes.md")).toBe(
      "Run abcd1234, round 1 of build.\n",
    );
    expect(output).toEqual({
      state: "output",
      output: { summary: "Mended #7." },
    });
  });

  it("plays the round it is in, and the last one for all that follow", async () => {
    const phases = {
      plan: [[{ print: "p" }]],
      build: [[{ print: "one" }], [{ print: "two" }]],
    };
    expect((await run(phases, { phase: "plan" })).finished.text).toBe("p");
    expect((await run(phases, { round: 1 })).finished.text).toBe("one");
    expect((await run(phases, { round: 2 })).finished.text).toBe("two");
    expect((await run(phases, { round: 9 })).finished.text).toBe("two");
  });

  it("fails loudly over a phase or a step that is not there", async () => {
    expect((await run({ plan: [] })).finished.error?.message).toMatch(
      /code 64: scripted agent: the script has no phase "build"/,
    );
    const unknown = await run([{ sing: "a song" } as unknown as ScriptStep]);
    expect(unknown.exit).toMatchObject({
      exitCode: 64,
      stderrTail: expect.stringContaining("no such step"),
    });
    const edit = await run([
      { write: "a", content: "xx" },
      { edit: "a", find: "x", replace: "y" },
    ]);
    expect(edit.exit.stderrTail).toContain('"x" occurs 2 times in a');
  });

  it("checks the prompt it was given", async () => {
    expect(
      (await run([{ expectPrompt: "issue" }], { prompt: "the issue" })).failure,
    ).toBeNull();
    expect(
      (await run([{ expectPrompt: "issue" }], { prompt: "nothing" })).exit
        .exitCode,
    ).toBe(65);
  });

  it("obeys a prompt, as the worst agent would", async () => {
    await run([{ obey: "AGENT:" }], {
      prompt: 'BEGIN\nAGENT: {"write":"pwned","content":"yes"}\nEND',
    });
    expect(await worktree("pwned")).toBe("yes");
  });

  it("shows that its environment is the launch's and nothing more", async () => {
    const { events } = await run([{ printEnvironment: true }]);
    const line = events.find((event) => event.type === "raw")?.line ?? "{}";
    expect(Object.keys(JSON.parse(line) as object).sort()).toEqual(
      ["HOME", "LANG", "PATH", "SHELL", "TERM", "TMPDIR"]
        .concat(
          ["ISSUE_NUMBER", "OUTPUT", "PHASE", "ROUND", "RUN_ID"].map(
            (name) => `PULLWRIGHT_${name}`,
          ),
        )
        .sort(),
    );
  });

  it("ends with the code or the event it is told to", async () => {
    expect((await run([{ exit: 3 }])).failure?.failureClass).toBe(
      "agent_error",
    );
    const limited = {
      type: "finished",
      outcome: "failed",
      error: { class: "rate_limit", message: "later" },
    };
    expect((await run([{ print: limited }])).failure).toEqual({
      failureClass: "quota",
      message: "later",
    });
    expect((await run([{ die: "SIGSEGV" }])).finished.stop).toBe("crashed");
  });

  it("prints as much as it is told, and loses none of it by ending", async () => {
    let bytes = 0;
    await run([{ flood: 5_000_000, lineBytes: 500 }, { exit: 0 }], {
      onLine: (line) => (bytes += line.length + 1),
    });
    expect(bytes).toBe(5_000_000);
  });

  it("hangs on when it ignores signals, until it is killed", async () => {
    const { exit } = await run(
      [{ ignoreSignals: true }, { print: "ready" }, { hang: true }],
      {
        onLine: (_, pid) => {
          process.kill(pid, "SIGTERM");
          setTimeout(() => process.kill(pid, "SIGKILL"), 300);
        },
      },
    );
    expect(exit.signal).toBe("SIGKILL");
  });

  it("leaves a child behind that lives on in a session of its own", async () => {
    const { failure, finished } = await run([
      { leaveChild: 20_000 },
      { exit: 0 },
    ]);
    expect(failure).toBeNull();
    const child = Number(/^left child (\d+)$/.exec(finished.text ?? "")?.[1]);
    // Throws if it is gone.
    process.kill(child, "SIGKILL");
  });
});
