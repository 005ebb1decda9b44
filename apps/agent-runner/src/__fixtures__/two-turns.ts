/**
 * Has an agent work twice in one attempt, and a repository's commands run twice, each leaving folders that nobody may write
 * in its home, as Go's module cache does. Run by an ordinary user; tells what became of each as a line of JSON.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createAgents } from "@pullwright/agents";
import { shippedWorkflows } from "@pullwright/domain";
import { createSilentLogger } from "@pullwright/platform";
import { createSandbox } from "@pullwright/sandbox";
import { createWorkspaces } from "@pullwright/workspace";
import { runAgentTurn } from "../agent/agent-turn.js";
import { AttemptFolders } from "../attempt/attempt-folders.js";
import { LogWriter } from "../attempt/log-writer.js";
import { Purse, type PurseParts } from "../attempt/purse.js";
import { runCommands } from "../phases/run-commands.js";

const LOCKS = 'mkdir -p "$HOME/go/mod"; chmod -R a-w "$HOME/go"';
const MINUTE_MS = 60_000;
const MEMORY_BYTES = 2 ** 30;
const searchPath = "/usr/local/bin:/usr/bin:/bin";

const [, , root = ""] = process.argv;
const choice = await createSandbox({ allowUnsandboxed: true });
if (choice.outcome === "refused") throw new Error(choice.message);
const { sandbox } = choice;
const workspaces = await createWorkspaces({ root: join(root, "work") });
const folders = new AttemptFolders(workspaces.root);
const attemptDir = folders.folderOf("attempt");
const worktree = join(root, "tree");
await mkdir(worktree);

const stop = new AbortController();
const log = new LogWriter(
  { append: () => Promise.resolve(null), publish: () => undefined },
  [],
  createSilentLogger(),
  stop.signal,
);
const told: unknown[] = [];

const commands = [{ kind: "test", argv: ["sh", "-c", LOCKS] }] as const;
for (let turn = 0; turn < 2; turn++) {
  const { passed } = await runCommands(
    {
      claimed: { phase: { definition: { stallMinutes: 1 } } },
      parts: {
        sandbox,
        workspaces,
        searchPath,
        limits: {
          phaseTimeoutMs: MINUTE_MS,
          silenceTimeoutMs: MINUTE_MS,
          memoryBytes: MEMORY_BYTES,
        },
        secrets: [],
      },
      log,
      stop,
      attemptDir,
    },
    { path: worktree, readOnly: [] },
    commands,
    "base",
    MINUTE_MS,
  );
  told.push(passed);
}

const agents = createAgents({
  host: {
    searchPath,
    sandboxed: sandbox.kind === "bubblewrap",
    runsAsRoot: false,
  },
  command: { argv: ["sh", "-c", LOCKS] },
});
const adapter = agents.get("command");
const phase = shippedWorkflows[0].phases[1];
if (adapter === undefined) throw new Error("there is no agent");
for (let turn = 0; turn < 2; turn++) {
  const { failure } = await runAgentTurn(adapter, sandbox, {
    attempt: {
      runId: "run",
      phaseRunId: "phase",
      attemptId: "attempt",
      position: 1,
      fence: 1,
      owner: "me",
    },
    adwId: "abcd1234",
    issueNumber: null,
    phase,
    round: 1,
    prompt: "",
    model: null,
    prices: new Map(),
    worktree,
    readOnly: [],
    attemptDir,
    timeoutMs: MINUTE_MS,
    silenceMs: MINUTE_MS,
    memoryBytes: MEMORY_BYTES,
    purse: new Purse({
      claimed: {
        run: { state: { limits: { maxUsd: null }, spentUsd: 0 } },
        phase: { definition: phase },
        reservation: null,
      },
      ask: () => Promise.resolve(null),
      note: () => Promise.resolve(null),
    } as unknown as PurseParts), // Of the run only what the purse reads.
    log,
    stop,
  });
  told.push(failure);
}
await log.close();
await folders.remove("attempt");
process.stdout.write(`${JSON.stringify(told)}\n`);
