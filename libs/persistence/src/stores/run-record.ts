import type { Priority, RunState } from "@pullwright/domain";
import type { PhaseJson } from "../rows/run-row.js";

export interface RepositoryRef {
  readonly id: string;
  /** GitHub's own id. */
  readonly githubId: number;
  readonly owner: string;
  readonly name: string;
}

/** A run with what stays the same through its transitions. */
export interface LoadedRun {
  readonly id: string;
  readonly adwId: string;
  readonly version: number;
  readonly repository: RepositoryRef;
  readonly workItemId: string;
  readonly issueNumber: number | null;
  readonly workflowName: string;
  readonly workflowType: string;
  readonly agent: string | null;
  /** Who goes on after its agent, as it was made. */
  readonly route: readonly string[];
  readonly model: string | null;
  readonly note: string | null;
  readonly branch: string;
  readonly baseBranch: string;
  readonly pushedSha: string | null;
  readonly pullRequestNumber: number | null;
  readonly cause: string;
  readonly triggeredBy: string;
  readonly triggerSource: string;
  readonly priority: Priority;
  readonly updatedAt: Date;
  /** The database's clock when the run was read. */
  readonly clock: Date;
  /** The stored phases of the current execution, by position. */
  readonly phaseRows: readonly PhaseJson[];
  readonly state: RunState;
}
