import type { Activity } from "./activity.js";

export type OutputStream = "stdout" | "stderr";

/** A user of the operating system. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** What both kinds of subprocess have in common. There is never a shell, and nothing of our environment is inherited. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the process as this user; only root can. */
  readonly identity?: Identity | undefined;
}

/** Limits over the whole process tree, kept by sampling `/proc`: a breach is seen within a quarter of a second. */
export interface TreeLimits {
  /** Of all processes together, with what lies in the folders in memory that a sandbox gives them and in open memfds. */
  readonly memoryBytes?: number | undefined;
  /** Processes and their threads, as the kernel counts them; reaching it ends the tree. */
  readonly processes?: number | undefined;
}

export interface ProcessRequest extends CommandLine {
  readonly stdin?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** The longest time without a sign of life: output, unless `activity` says what counts. */
  readonly silenceMs?: number | undefined;
  /** Time between SIGTERM and SIGKILL; 5 s by default. */
  readonly graceMs?: number | undefined;
  /** Output in bytes, both streams together, at which the process is ended; 1 GiB by default. */
  readonly maxOutputBytes?: number | undefined;
  /** A longer line is cut and marked; 1 MiB by default. */
  readonly maxLineBytes?: number | undefined;
  readonly limits?: TreeLimits | undefined;
  /** Takes complete lines in order, one call at a time a stream; the process is not read faster than this answers. */
  readonly onLines?:
    | ((stream: OutputStream, lines: readonly string[]) => void | Promise<void>)
    | undefined;
  readonly onStart?: ((pid: number) => void) | undefined;
  readonly activity?: Activity | undefined;
  readonly signal?: AbortSignal | undefined;
}
