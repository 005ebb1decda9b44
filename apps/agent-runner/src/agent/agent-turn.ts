import { chown, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  agentAnswer,
  readOutputFile,
  toAgentExit,
  toPhaseFailure,
  type AgentAdapter,
  type AgentAnswer,
  type AgentLaunch,
  type PhaseFailureFacts,
} from "@pullwright/agents";
import type { AgentEvent, AgentFinished } from "@pullwright/contracts";
import type { ModelPrices, PhaseDefinition, Usage } from "@pullwright/domain";
import type {
  AttemptRef,
  LlmCall,
  TranscriptMessage,
} from "@pullwright/persistence";
import {
  Activity,
  eraseFolder,
  type ProcessResult,
  type Sandbox,
} from "@pullwright/sandbox";
import { reach } from "@pullwright/platform";
import { AttemptStopped } from "../attempt/attempt-end.js";
import { PrintedLog } from "../attempt/printed-log.js";
import { describeEnd } from "../attempt/process-end.js";
import type { Purse } from "../attempt/purse.js";
import type { LogWriter } from "../attempt/log-writer.js";
import { CallLedger } from "./call-ledger.js";
import { describeEvent } from "./describe-event.js";
import { SignsOfLife } from "./signs-of-life.js";
import { Transcript } from "./transcript.js";

export interface AgentTurnRequest {
  readonly attempt: AttemptRef;
  readonly adwId: string;
  readonly issueNumber: number | null;
  readonly phase: PhaseDefinition;
  readonly round: number;
  readonly prompt: string;
  readonly model: string | null;
  readonly prices: ModelPrices;
  readonly worktree: string;
  /** What the worktree's own git needs to read. */
  readonly readOnly: readonly string[];
  /** A folder of this attempt alone; the agent's home and its answer lie in it. */
  readonly attemptDir: string;
  readonly timeoutMs: number;
  /** The longest time without a sign of life; twice that while a tool runs. */
  readonly silenceMs: number;
  /** Of all its processes together. */
  readonly memoryBytes: number;
  readonly purse: Purse;
  readonly log: LogWriter;
  readonly onEvent?: (event: AgentEvent) => Promise<void>;
  readonly stop: AbortController;
}

export interface AgentTurn {
  /** Null when the agent did its work. */
  readonly failure: PhaseFailureFacts | null;
  readonly answer: AgentAnswer;
  readonly usage: Usage | null;
  readonly messages: readonly TranscriptMessage[];
  readonly calls: readonly LlmCall[];
  readonly process: ProcessResult;
}

/** Bounds of one agent process tree; generous for real builds, small enough for a shared machine. */
const LIMITS = {
  processes: 2_000,
  fileBytes: 4 * 1024 ** 3,
  openFiles: 16_384,
} as const;

const MAX_OUTPUT_BYTES = 256 * 1024 ** 2;
/** Short enough that a hand-over at the end of a drain is done within five seconds. */
const GRACE_MS = 2_500;
/** An agent's event is one line; a file it wrote may be in it. */
const MAX_LINE_BYTES = 4 * 1024 ** 2;

/** One turn of work by an agent in its sandbox: started, streamed into the log, judged. */
export async function runAgentTurn(
  adapter: AgentAdapter,
  sandbox: Sandbox,
  request: AgentTurnRequest,
): Promise<AgentTurn> {
  const { attempt, log, stop } = request;
  const budgetUsd = request.purse.leftUsd;
  const homeDir = join(request.attemptDir, "home");
  const outputFile = join(request.attemptDir, "out", "answer.json");
  const launch = adapter.prepare({
    phase: request.phase.name,
    round: request.round,
    runId: attempt.runId,
    adwId: request.adwId,
    issueNumber: request.issueNumber,
    prompt: request.prompt,
    writes: request.phase.writes,
    ...(request.model === null ? {} : { model: request.model }),
    ...(budgetUsd === null ? {} : { budgetUsd }),
    homeDir,
    outputFile,
    worktree: request.worktree,
  });
  // An earlier turn of the same attempt may have left things that this one must not find.
  await eraseFolder(homeDir);
  await eraseFolder(dirname(outputFile));
  await place(launch, [homeDir, dirname(outputFile)], sandbox);

  const parser = adapter.createParser();
  const ledger = new CallLedger({
    prices: request.prices,
    agent: adapter.name,
    model: request.model,
  });
  const transcript = new Transcript(request.prompt);
  const activity = new Activity();
  const life = new SignsOfLife(activity, {
    speaksInLines: adapter.speaksInLines,
    quietToolMs: request.silenceMs,
  });
  const printed = new PrintedLog(log);
  const [command, ...args] = launch.argv;
  const process = await sandbox.run({
    command,
    args,
    env: launch.env,
    stdin: launch.stdin,
    timeoutMs: request.timeoutMs,
    silenceMs: request.silenceMs,
    graceMs: GRACE_MS,
    maxOutputBytes: MAX_OUTPUT_BYTES,
    maxLineBytes: MAX_LINE_BYTES,
    limits: { ...LIMITS, memoryBytes: request.memoryBytes },
    activity,
    signal: stop.signal,
    folders: {
      worktree: launch.cwd,
      writable: launch.writablePaths,
      programs: [command, ...launch.programs],
      readOnly: [...launch.readOnlyPaths, ...request.readOnly],
      home: homeDir,
    },
    onLines: async (stream, lines) => {
      reach("runner.agent-running");
      for (const line of lines) {
        for (const event of parser.line(stream, line)) {
          life.see(event);
          ledger.add(event);
          await request.onEvent?.(event);
          transcript.add(event);
          for (const { level, message } of describeEvent(event))
            await printed.add(level, message);
        }
      }
      const taken = { usd: ledger.spentUsd, tokens: ledger.spentTokens };
      if (!(await request.purse.take(taken)) && !parser.isOver)
        stop.abort(new AttemptStopped("budget"));
    },
  });
  reach("runner.agent-done");
  const exit = toAgentExit(process);
  const finished = parser.end(exit);
  for (const { level, message } of describeEvent(finished))
    await log.add(level, message);
  const ended = describeEnd("agent", process);
  await log.add(ended.level, ended.message);
  return {
    failure: ofAgent(toPhaseFailure(finished, exit), adapter.name),
    answer: await answerOf(request, finished, launch, log),
    usage: ledger.total(finished),
    messages: transcript.messages,
    calls: ledger.close(finished),
    process,
  };
}

/** A refusal names the agent, so that another one of the route may go on. */
function ofAgent(
  failure: PhaseFailureFacts | null,
  agent: string,
): PhaseFailureFacts | null {
  return failure?.failureClass === "quota" || failure?.failureClass === "auth"
    ? { ...failure, agent }
    : failure;
}

async function answerOf(
  request: AgentTurnRequest,
  finished: AgentFinished,
  launch: AgentLaunch,
  log: LogWriter,
): Promise<AgentAnswer> {
  const file =
    launch.resultFile === null
      ? { state: "absent" as const }
      : await readOutputFile(launch.resultFile);
  if (file.state === "invalid")
    await log.add(
      "WARNING",
      `the agent's answer file is not used: ${file.reason}`,
    );
  return agentAnswer(request.phase.name, finished, file);
}

/** Creates the folders and files of a launch and gives them to whoever the sandbox runs commands as. */
async function place(
  launch: AgentLaunch,
  folders: readonly string[],
  sandbox: Sandbox,
): Promise<void> {
  const all = [...folders, ...launch.directories];
  for (const folder of all)
    await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const file of launch.files) {
    await mkdir(dirname(file.path), { recursive: true, mode: 0o700 });
    await writeFile(file.path, file.content, { mode: file.mode });
  }
  const owner = sandbox.owner;
  if (owner === undefined) return;
  const parents = launch.files.map((file) => dirname(file.path));
  for (const path of new Set([
    ...all,
    ...parents,
    ...launch.files.map((file) => file.path),
  ])) {
    await chown(path, owner.uid, owner.gid);
  }
}
