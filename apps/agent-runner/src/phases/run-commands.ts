import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FailureClass, TestCommandEvidence } from "@pullwright/domain";
import { redact } from "@pullwright/platform";
import { eraseFolder, type ProcessResult } from "@pullwright/sandbox";
import type { Checkout, RepositoryCommand } from "@pullwright/workspace";
import { stopReason } from "../attempt/attempt-end.js";
import { insistOnRoom } from "../attempt/disk-full.js";
import { PrintedLog } from "../attempt/printed-log.js";
import { describeEnd, insistOnEnd } from "../attempt/process-end.js";
import {
  silenceMsOf,
  type PhaseContext,
  type RunnerParts,
} from "./phase-context.js";

const TAIL_CHARACTERS = 16 * 1024;
const MAX_OUTPUT_BYTES = 256 * 1024 ** 2;
const LIMITS = {
  processes: 4_000,
  fileBytes: 4 * 1024 ** 3,
  openFiles: 16_384,
} as const;

export interface CommandsRun {
  readonly evidence: readonly TestCommandEvidence[];
  readonly passed: boolean;
  /** Set when a command did not end by itself: then nothing can be said about the code. */
  readonly broken: {
    readonly failureClass: FailureClass;
    readonly message: string;
  } | null;
}

/** What of an attempt its commands need. */
export interface CommandContext extends Pick<
  PhaseContext,
  "stop" | "attemptDir"
> {
  readonly parts: Pick<
    RunnerParts,
    "sandbox" | "workspaces" | "searchPath" | "limits" | "secrets"
  >;
  readonly log: Pick<PhaseContext["log"], "add">;
  readonly claimed: { readonly phase: Parameters<typeof silenceMsOf>[0] };
}

/**
 * Runs the repository's own commands in a clean checkout, in order, until one fails.
 *
 * They are as untrusted as the agent: no token, no secret, the same sandbox, a fresh home.
 * @throws ProcessesLeft, and DiskFull where one failed that might have passed elsewhere
 */
export async function runCommands(
  context: CommandContext,
  checkout: Pick<Checkout, "path" | "readOnly">,
  commands: readonly RepositoryCommand[],
  where: "base" | "head",
  timeoutMs: number,
): Promise<CommandsRun> {
  const { parts, log, stop } = context;
  const evidence: TestCommandEvidence[] = [];
  const home = join(context.attemptDir, `home-${where}`);
  await eraseFolder(home);
  await mkdir(home, { recursive: true, mode: 0o700 });
  await parts.workspaces.giveToSandbox(home);
  const endAt = performance.now() + timeoutMs;
  for (const command of commands) {
    await log.add("INFO", `$ ${command.argv.join(" ")}   (${where})`);
    const printed = new PrintedLog(log);
    let tail = "";
    const [program, ...args] = command.argv;
    const result = await parts.sandbox.run({
      command: program,
      args,
      env: {
        PATH: parts.searchPath,
        HOME: home,
        TMPDIR: "/tmp",
        LANG: "C.UTF-8",
        TERM: "dumb",
        CI: "true",
        NO_COLOR: "1",
      },
      timeoutMs: Math.max(1, endAt - performance.now()),
      silenceMs: silenceMsOf(context.claimed.phase, parts.limits),
      maxOutputBytes: MAX_OUTPUT_BYTES,
      limits: { ...LIMITS, memoryBytes: parts.limits.memoryBytes },
      signal: stop.signal,
      folders: { worktree: checkout.path, readOnly: checkout.readOnly, home },
      onLines: async (stream, lines) => {
        tail = `${tail}${lines.join("\n")}\n`.slice(-TAIL_CHARACTERS);
        for (const line of lines)
          await printed.add(stream === "stderr" ? "WARNING" : "INFO", line);
      },
    });
    const ended = describeEnd("command", result);
    await log.add(ended.level, ended.message);
    insistOnEnd(result.tree);
    evidence.push({
      command: command.argv,
      kind: command.kind,
      exitCode: result.exitCode,
      durationMs: Math.round(result.durationMs),
      outputTail: redact(tail.trimEnd(), parts.secrets),
    });
    const broken =
      stopReason(stop.signal) === null ? brokenBy(result, command) : null;
    if (!result.ok)
      await insistOnRoom(
        context.attemptDir,
        `${command.argv.join(" ")} failed.`,
      );
    if (broken !== null || !result.ok)
      return { evidence, passed: false, broken };
  }
  return { evidence, passed: true, broken: null };
}

function brokenBy(
  result: ProcessResult,
  command: RepositoryCommand,
): CommandsRun["broken"] {
  const name = command.argv.join(" ");
  if (result.spawnFailed) {
    return {
      failureClass: "infrastructure",
      message: `${name} could not be started: ${result.spawnError?.message ?? "unknown"}. Install it on the runner.`,
    };
  }
  if (result.timedOut)
    return {
      failureClass: "timeout",
      message: `${name} took longer than the phase may.`,
    };
  if (result.silent)
    return {
      failureClass: "stalled",
      message: `${name} was silent for too long.`,
    };
  if (result.outOfMemory || result.tooManyProcesses || result.outputCapped) {
    return {
      failureClass: "tests_failed",
      message: `${name} was ended at a limit (${result.endedBy}).`,
    };
  }
  return null;
}
