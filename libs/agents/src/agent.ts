import type {
  AgentEvent,
  AgentFinished,
  AgentUsage,
} from "@pullwright/contracts";
import type { PhaseWrites } from "@pullwright/domain";

/** One turn of work for an agent: who asks, what for, and where it may write. */
export interface AgentRequest {
  readonly phase: string;
  /** From 1; build rounds after a failed test count on. */
  readonly round: number;
  /** The run's primary key. */
  readonly runId: string;
  /** The run's public id. */
  readonly adwId: string;
  /** Null for a work item that is no issue. */
  readonly issueNumber: number | null;
  /** Goes to the agent's stdin, never into its arguments: one argument over 128 KiB fails with E2BIG. */
  readonly prompt: string;
  /** What the phase may leave in the worktree; `code` unless told. */
  readonly writes?: PhaseWrites;
  readonly model?: string;
  readonly budgetUsd?: number;
  readonly maxTurns?: number;
  /** A private folder of this attempt, empty at the start, outside the worktree. */
  readonly homeDir: string;
  /** A file in a folder bound for the agent, outside the worktree. */
  readonly outputFile: string;
  readonly worktree: string;
  /** Continue this session of an earlier attempt; only where its home was kept. */
  readonly sessionId?: string;
}

/** A file to place before the start, by absolute path inside {@link AgentRequest.homeDir}. */
export interface LaunchFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** All that is needed to start the agent, and nothing that starts it. */
export interface AgentLaunch {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment of the process; nothing else may be added but by the sandbox for itself. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** Folders to create before the start, the parents of {@link files} included. */
  readonly directories: readonly string[];
  readonly files: readonly LaunchFile[];
  /** What of {@link argv} may be a file to run, besides `argv[0]`: an interpreter's script. Never a person's own words. */
  readonly programs: readonly string[];
  /** What it must be able to read besides its programs. */
  readonly readOnlyPaths: readonly string[];
  /** Folders it may write besides the worktree and its home. */
  readonly writablePaths: readonly string[];
  /** Where the agent may leave its answer; null for agents that answer on stdout alone. */
  readonly resultFile: string | null;
}

/** Why we ended the process; or that it never ran. */
export const stopReasons = [
  "timeout",
  "silence",
  "cancelled",
  "output_cap",
  "memory",
  "processes",
  "spawn_failed",
] as const;
export type StopReason = (typeof stopReasons)[number];

/** How the process ended, as the one who ran it saw it. */
export interface AgentExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stoppedBy?: StopReason | null;
  readonly stderrTail: string;
}

/** Turns one run's output into events; made anew for each run. */
export interface AgentParser {
  /** Takes one line without its line end. Never throws: what it cannot read becomes a `raw` event. */
  line(stream: "stdout" | "stderr", text: string): AgentEvent[];
  /** Whether the CLI has said its last. What its turn took is taken then: to end it now would only lose its work. */
  readonly isOver: boolean;
  /** Judges the run from its last event, its exit and our own stop together. */
  end(exit: AgentExit): AgentFinished;
}

export interface ParserOptions {
  /** What earlier attempts reported for the session that this one continues. Codex counts over the whole thread. */
  readonly previousUsage?: AgentUsage;
  /** The clock for waits given as "in 20 s". */
  readonly now?: () => Date;
}

/** What `pullwright doctor` and `GET /api/agents` say about an agent. */
export interface AgentProbe {
  readonly agent: string;
  readonly title: string;
  /** As configured: a path, or a name to be found on the search path. */
  readonly executable: string;
  /** Prints the version; null where there is no such thing. */
  readonly versionArgv: readonly [string, ...string[]] | null;
  /** The settings it cannot work without that are missing, by the name of their environment variable. */
  readonly missingSettings: readonly string[];
  /** How to get it. */
  readonly mend: string;
}

/** One way to have a phase's work done by a CLI. */
export interface AgentAdapter {
  readonly name: string;
  /** Files the CLI may leave behind when it is cut off; to be removed before the commit. By path in the worktree. */
  readonly leftovers: readonly RegExp[];
  /** Lines of its output that are no events are its own words; else they are noise, and no sign of life. */
  readonly speaksInLines: boolean;
  probe(): AgentProbe;
  prepare(request: AgentRequest): AgentLaunch;
  createParser(options?: ParserOptions): AgentParser;
}
