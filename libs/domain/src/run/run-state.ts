import type { FailureClass } from "../failure/failure-class.js";
import type {
  PhaseDefinition,
  WorkflowDefinition,
} from "../workflow/workflow-definition.js";
import type { Setback } from "./agent-route.js";
import type { IssueClass, PhaseResult } from "./phase-result.js";
import type { PhaseStatus, RunStatus } from "./run-status.js";
import type { Waiting } from "./waiting.js";

/** One step of an execution. Its key inside the run is `execution` and `position`. */
export interface PhaseRunState {
  readonly execution: number;
  /** Order within the execution; rounds added later fit between the planned positions. */
  readonly position: number;
  readonly definition: PhaseDefinition;
  /** 1, or higher for a build or test that follows a failed test. */
  readonly round: number;
  readonly status: PhaseStatus;
  /** Grows with every claim; only its newest holder may write. */
  readonly fence: number;
  /** Not to be claimed before this moment (back-off). */
  readonly availableAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** Attempts lost to dead or silent runners. */
  readonly infrastructureLosses: number;
  /** Attempts that ended in a failure which earned another try. */
  readonly failedAttempts: number;
  /** Agents that were refused work for this phase; the next attempt goes to another one of the route. */
  readonly setbacks: readonly Setback[];
  readonly result: PhaseResult | null;
  /** The execution whose result this phase took over, when a retry kept it. */
  readonly reusedFrom: number | null;
}

export const runOutcomes = ["pull_request", "planned", "no_changes"] as const;
export type RunOutcome = (typeof runOutcomes)[number];

export interface RunFailure {
  readonly failureClass: FailureClass;
  readonly message: string;
  readonly phase: string | null;
}

export interface RunLimits {
  /** Working time of all attempts of an execution together; waits do not count. */
  readonly maxActiveMs: number;
  /** Null means no limit. US dollars over all executions. */
  readonly maxUsd: number | null;
  /** Build rounds after a failed test. */
  readonly maxFixRounds: number;
}

export interface CancelRequest {
  /** Null: Pullwright itself, for the reason given. */
  readonly by: string | null;
  readonly reason: string | null;
  readonly at: Date;
}

/** Everything `decide` needs to know of a run; plain data. */
export interface RunState {
  readonly workflow: WorkflowDefinition;
  readonly status: RunStatus;
  readonly waiting: Waiting | null;
  readonly outcome: RunOutcome | null;
  readonly failure: RunFailure | null;
  readonly execution: number;
  /** The phases of the current execution, by position. */
  readonly phases: readonly PhaseRunState[];
  readonly limits: RunLimits;
  /** The agents that may work on the run, the first choice first; empty: the installation's default alone. */
  readonly agentRoute: readonly string[];
  readonly classification: IssueClass | null;
  readonly planFile: string | null;
  readonly summary: string | null;
  /** Where the run began when it goes on from an earlier run; null means the base branch. */
  readonly startSha: string | null;
  /** The commit the next phase starts from; null means the base branch. */
  readonly headSha: string | null;
  readonly pullRequestUrl: string | null;
  readonly spentUsd: number;
  readonly activeMs: number;
  readonly cancelRequest: CancelRequest | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}
