import type { EndedBy } from "./end-cause.js";

/** A start that failed, as a value: `ENOENT`, `EACCES`, `E2BIG` and the like. */
export interface SpawnError {
  readonly code: string;
  readonly message: string;
}

/** What became of the processes that a command started. */
export interface TreeReport {
  /** How many processes we saw, the command itself included. */
  readonly seen: number;
  /** How many of them did not end by themselves: told to end, or killed. */
  readonly ended: number;
  /** Those that outlived SIGKILL. Empty is the proof that nothing is left. */
  readonly survivors: readonly number[];
}

/** One record for every ending: the same shape for success and failure, the cause as booleans. */
export interface ProcessResult {
  readonly endedBy: EndedBy;
  /** Ended by itself with exit code 0. */
  readonly ok: boolean;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly silent: boolean;
  readonly cancelled: boolean;
  readonly outputCapped: boolean;
  readonly outOfMemory: boolean;
  readonly tooManyProcesses: boolean;
  readonly spawnFailed: boolean;
  /** SIGTERM was not enough. */
  readonly forced: boolean;
  readonly durationMs: number;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  /** Lines that were longer than allowed and are marked as cut. */
  readonly cutLines: number;
  /** The end of stderr, 8 KiB at most; for people, never to be parsed for meaning. */
  readonly stderrTail: string;
  readonly spawnError?: SpawnError;
  readonly tree: TreeReport;
}
