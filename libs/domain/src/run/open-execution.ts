import type {
  PhaseDefinition,
  WorkflowDefinition,
} from "../workflow/workflow-definition.js";
import { awaitBlockers } from "./decide/await-blockers.js";
import type { PhaseRunState, RunLimits, RunState } from "./run-state.js";

/** Distance between planned positions, so that later rounds fit in between. */
export const POSITION_STEP = 1000;

/** A phase that waits its turn. */
export function plannedPhase(
  definition: PhaseDefinition,
  position: number,
  execution: number,
  now: Date,
): PhaseRunState {
  return {
    execution,
    position,
    definition,
    round: 1,
    status: "pending",
    fence: 0,
    availableAt: now,
    startedAt: null,
    endedAt: null,
    infrastructureLosses: 0,
    failedAttempts: 0,
    setbacks: [],
    result: null,
    reusedFrom: null,
  };
}

/** The phases of a fresh execution, none of which has had its turn. */
export function plannedPhases(
  workflow: WorkflowDefinition,
  execution: number,
  now: Date,
): PhaseRunState[] {
  return workflow.phases.map((definition, index) =>
    plannedPhase(definition, (index + 1) * POSITION_STEP, execution, now),
  );
}

export interface NewRun {
  readonly workflow: WorkflowDefinition;
  readonly limits: RunLimits;
  readonly agentRoute?: readonly string[];
  /** Where the first phase starts when the run goes on from an earlier one. */
  readonly startSha?: string | null;
  readonly planFile?: string | null;
  readonly pullRequestUrl?: string | null;
  /** The open issues, as `owner/name#number`, that must be closed first. */
  readonly blockedBy?: readonly string[];
}

/** The state of a run that was just accepted: its first phase is queued, or waits for the issues that block its own. */
export function openRun(request: NewRun, now: Date): RunState {
  const [first, ...rest] = plannedPhases(request.workflow, 1, now);
  const { blockedBy = [] } = request;
  const isBlocked = first !== undefined && blockedBy.length > 0;
  const opened: RunState = {
    workflow: request.workflow,
    status: "pending",
    waiting: null,
    outcome: null,
    failure: null,
    execution: 1,
    phases:
      first === undefined
        ? []
        : [{ ...first, status: isBlocked ? "pending" : "queued" }, ...rest],
    limits: request.limits,
    agentRoute: request.agentRoute ?? [],
    classification: null,
    planFile: request.planFile ?? null,
    summary: null,
    startSha: request.startSha ?? null,
    headSha: request.startSha ?? null,
    pullRequestUrl: request.pullRequestUrl ?? null,
    spentUsd: 0,
    activeMs: 0,
    cancelRequest: null,
    createdAt: now,
    startedAt: null,
    endedAt: null,
  };
  return isBlocked ? awaitBlockers(opened, first, blockedBy, now) : opened;
}
