import type { FailureClass } from "../failure/failure-class.js";

/** Evidence of a test phase: what ran, where, and what it said. */
export interface TestEvidence {
  /** False when the repository names no test command: the phase succeeds, said to be untested. */
  readonly tested: boolean;
  readonly commands: readonly TestCommandEvidence[];
  /** Tests and scripts that the run changed; the commands themselves come from the base branch. */
  readonly changedTestFiles: readonly string[];
  /** True when the same commands already failed on the base commit. */
  readonly baseFailed: boolean;
  /** The base commit, a full SHA; absent in evidence from before it was kept, and where nothing was tested. */
  readonly baseSha?: string;
  /** The commit the commands ran on, a full SHA. */
  readonly headSha: string;
}

export interface TestCommandEvidence {
  readonly command: readonly string[];
  readonly kind: "setup" | "lint" | "test";
  readonly exitCode: number | null;
  readonly durationMs: number;
  /** The last lines of the output, redacted and capped. */
  readonly outputTail: string;
}

/** What a phase gives the next: Markdown for people and agents, JSON for machines. */
export interface Handoff {
  readonly contentMd: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  /** Null when the agent reports no price. US dollars. */
  readonly costUsd: number | null;
}

export const issueClasses = ["feature", "bug", "chore"] as const;
export type IssueClass = (typeof issueClasses)[number];

/** The size of a change, as `git diff --numstat` counts it. */
export interface DiffSize {
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
}

interface PhaseFacts {
  /** One paragraph for people. */
  readonly summary: string;
  readonly usage: Usage | null;
  /** The commit the phase left on the run's branch, a full SHA; absent when it left none. */
  readonly commitSha?: string;
  /** How much that commit changes of the one before it; of the base branch, where that had moved. */
  readonly diffSize?: DiffSize;
  readonly handoff?: Handoff;
  readonly classification?: IssueClass;
  /** Path of the plan inside the repository. */
  readonly planFile?: string;
  readonly tests?: TestEvidence;
}

export interface PhaseSucceeded extends PhaseFacts {
  readonly outcome: "succeeded";
}

export interface PhaseNoChanges extends PhaseFacts {
  readonly outcome: "no_changes";
}

export interface PhaseFailed extends PhaseFacts {
  readonly outcome: "failed";
  readonly failureClass: FailureClass;
  /** One sentence that names the cause and, where there is one, the mend. */
  readonly message: string;
  /** The shared budget that stopped it; the run goes on by itself once that has room. */
  readonly budgetId?: string;
  /** When a quota or rate limit ends, if the provider said so. ISO 8601. */
  readonly resumeAt?: string;
  /** The agent whose provider refused (`quota`, `auth`); absent where it was not an agent's. */
  readonly agent?: string;
  /** The owner had to stop and gives the phase back: the next one begins at once, and no budget is charged. */
  readonly handedOver?: true;
}

/** How a phase ends: a value, never an exception. */
export type PhaseResult = PhaseSucceeded | PhaseNoChanges | PhaseFailed;
