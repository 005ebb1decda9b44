import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { createSandbox, type Sandbox } from "@pullwright/sandbox";
import { until } from "@pullwright/testing";
import { createWorkspaces, type Workspaces } from "@pullwright/workspace";
import { AttemptStopped } from "../attempt/attempt-end.js";
import { runCommands, type CommandContext } from "./run-commands.js";

const SECRET = "a-secret-of-the-runner-0123456789";

let folder: string;
let tree: string;
let sandbox: Sandbox;
let workspaces: Workspaces;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "run-commands-"));
  await chmod(folder, 0o755);
  const choice = await createSandbox({ allowUnsandboxed: true });
  if (choice.outcome === "refused") throw new Error(choice.message);
  sandbox = choice.sandbox;
  workspaces = await createWorkspaces({
    root: join(folder, "work"),
    owner: sandbox.owner,
  });
  tree = join(folder, "tree");
  await mkdir(tree);
  await workspaces.giveToSandbox(tree);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs a repository's test commands; a text is a line for the shell. */
async function run(
  commands: readonly (string | readonly [string, ...string[]])[],
  {
    silenceMs = undefined as number | undefined,
    stallMinutes = 20,
    timeoutMs = 20_000,
    memoryBytes = 2 ** 30,
    stop = new AbortController(),
    attemptDir = "",
    within = sandbox,
    logged = [] as string[],
  } = {},
) {
  const context: CommandContext = {
    claimed: { phase: { definition: { stallMinutes } } },
    parts: {
      sandbox: within,
      workspaces,
      searchPath: "/usr/local/bin:/usr/bin:/bin",
      limits: {
        phaseTimeoutMs: timeoutMs,
        silenceTimeoutMs: silenceMs,
        memoryBytes,
      },
      secrets: [SECRET],
    },
    log: {
      add: (_level, message) => {
        logged.push(message);
        return Promise.resolve();
      },
    },
    stop,
    attemptDir: attemptDir || (await mkdtemp(join(folder, "attempt-"))),
  };
  await chmod(context.attemptDir, 0o755);
  const answer = await runCommands(
    context,
    { path: tree, readOnly: [] },
    commands.map((command) => ({
      kind: "test",
      argv: typeof command === "string" ? ["sh", "-c", command] : command,
    })),
    "head",
    timeoutMs,
  );
  return { ...answer, logged };
}

it("commands run in order until one fails, and the evidence says what each did", async () => {
  const answer = await run(["echo one", "echo two >&2; exit 3", "echo three"]);
  expect(answer).toMatchObject({ passed: false, broken: null });
  expect(
    answer.evidence.map(({ exitCode, outputTail }) => [exitCode, outputTail]),
  ).toEqual([
    [0, "one"],
    [3, "two"],
  ]);
  expect(answer.logged).toContain("two");
  expect(answer.logged.join()).not.toContain("three");
});

it("a command that hangs without a word is stalled, not failed", async () => {
  const answer = await run(["sleep 30"], { silenceMs: 300 });
  expect(answer.broken?.failureClass).toBe("stalled");
});

it("where the installation says nothing, a command may be silent as long as its phase's definition says", async () => {
  const { broken } = await run(["sleep 30"], { stallMinutes: 0.3 / 60 });
  expect(broken?.failureClass).toBe("stalled");
});

it("a command that prints for longer than its silence limit is alive, and passes", async () => {
  const prints =
    "for i in 1 2 3 4 5 6 7 8 9 10 11; do echo step $i; sleep 0.3; done";
  const { passed, evidence } = await run([prints], { silenceMs: 3_000 });
  expect(passed).toBe(true);
  expect(evidence[0]?.durationMs).toBeGreaterThan(3_000);
});

it("a command that talks but never ends takes too long, with all that it started", async () => {
  const talks = "sleep 300 & while true; do echo on; sleep 0.05; done";
  const { broken, logged } = await run([talks], { timeoutMs: 700 });
  expect(broken?.failureClass).toBe("timeout");
  expect(logged.at(-1)).toMatch(/\(timeout.*, 0 left$/);
});

it("a command that eats memory is ended at its limit, and that is what is said of it", async () => {
  const eater =
    "const eaten = []; setInterval(() => eaten.push(Buffer.alloc(2 ** 24, 1)), 5)";
  const { broken } = await run([`node -e '${eater}'`], {
    memoryBytes: 200 * 1024 ** 2,
  });
  expect(broken).toMatchObject({
    failureClass: "tests_failed",
    message: expect.stringContaining("ended at a limit (memory)"),
  });
});

it("a command that prints without end is ended at its limit, and that is what is said of it", async () => {
  const { broken } = await run([
    `yes "$(head -c 60000 /dev/zero | tr '\\0' x)"`,
  ]);
  expect(broken).toMatchObject({
    failureClass: "tests_failed",
    message: expect.stringContaining("ended at a limit (output_cap)"),
  });
});

it("the time is that of all commands together", async () => {
  const answer = await run(["sleep 0.6", "sleep 0.6", "sleep 0.6"], {
    timeoutMs: 1_000,
  });
  expect(answer.broken?.failureClass).toBe("timeout");
  expect(answer.evidence.length).toBeLessThan(3);
});

it("no commands at all pass, with no evidence", async () => {
  const answer = await run([]);
  expect(answer).toMatchObject({ passed: true, broken: null, evidence: [] });
});

it("a program that cannot be started is the runner's lack, and the message says so", async () => {
  // Bubblewrap itself always starts; what it does not find inside looks as it does to a shell.
  const choice = await createSandbox({
    allowUnsandboxed: true,
    searchPath: folder,
  });
  if (choice.outcome === "refused") throw new Error(choice.message);
  const { passed, broken } = await run([["no-such-program-here"]], {
    within: choice.sandbox,
  });
  expect(passed).toBe(false);
  expect(broken).toEqual({
    failureClass: "infrastructure",
    message: expect.stringMatching(
      /^no-such-program-here could not be started: .*ENOENT.*Install it on the runner\.$/,
    ),
  });
});

it("a program that the shell does not find is the command's failure", async () => {
  const missing = await run(["no-such-program-here"]);
  expect(missing).toMatchObject({ passed: false, broken: null });
  expect(missing.evidence[0]).toMatchObject({ exitCode: 127 });
});

it("what is kept of a long output is its end, without the runner's secrets", async () => {
  const answer = await run([
    `seq 1 100000; echo "token ${SECRET} printed"; exit 1`,
  ]);
  const tail = answer.evidence[0]?.outputTail ?? "";
  expect(tail.length).toBeLessThanOrEqual(16 * 1024);
  expect(tail).toContain("100000");
  expect(tail).toMatch(/token .* printed$/);
  expect(tail).not.toContain(SECRET);
});

it("a cancel ends the command without an opinion about the code", async () => {
  const stop = new AbortController();
  const logged: string[] = [];
  const running = run(["echo up; sleep 30"], { stop, logged });
  await until(() => logged.includes("up"), "the command is up");
  stop.abort(new AttemptStopped("cancelled"));
  const answer = await running;
  expect(answer).toMatchObject({ passed: false, broken: null });
  expect(logged.at(-1)).toMatch(
    /^command process ended \(cancelled.*processes seen, [1-9]\d* ended, 0 left$/,
  );
});

it("a command sees neither the runner's environment nor what an earlier one left in its home", async () => {
  const attemptDir = await mkdtemp(join(folder, "attempt-"));
  await mkdir(join(attemptDir, "home-head"));
  await writeFile(join(attemptDir, "home-head", "CANARY"), "");
  process.env["CANARY_TOKEN"] = SECRET;
  try {
    const { evidence } = await run(["env | cut -d= -f1; ls -A $HOME"], {
      attemptDir,
    });
    const names = (evidence[0]?.outputTail ?? "").split("\n");
    // What the shell adds by itself, and the mark by which the unsandboxed are found.
    const added = ["PWD", "OLDPWD", "SHLVL", "_", "PULLWRIGHT_PROCESS_TREE"];
    expect(names.filter((name) => !added.includes(name)).sort()).toEqual([
      "CI",
      "HOME",
      "LANG",
      "NO_COLOR",
      "PATH",
      "TERM",
      "TMPDIR",
    ]);
  } finally {
    delete process.env["CANARY_TOKEN"];
  }
});

it("a command is not given the files of this machine that it names", async () => {
  const secret = join(folder, "id_ed25519");
  const program = join(folder, "program");
  await writeFile(secret, "CANARY", { mode: 0o644 });
  await writeFile(program, "#!/bin/sh\necho CANARY\n", { mode: 0o755 });
  for (const command of [["cat", secret], [program]] as const) {
    const [evidence] = (await run([command])).evidence;
    // Without bubblewrap there is no wall, and the sandbox's own warning says so.
    const isSeen = sandbox.kind !== "bubblewrap";
    expect(evidence?.outputTail.includes("CANARY")).toBe(isSeen);
  }
});
