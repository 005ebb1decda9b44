import type { WorkflowDefinition } from "../workflow/workflow-definition.js";
import type { PhaseRunState, RunLimits, RunState } from "./run-state.js";

/** Distance between planned positions, so that later rounds fit in between. */
export const POSITION_STEP = 1000;

/** The phases of a fresh execution: the first is queued, the others wait their turn. */
export function plannedPhases(
  workflow: WorkflowDefinition,
  execution: number,
  now: Date,
): PhaseRunState[] {
  return workflow.phases.map((definition, index) => ({
    execution,
    position: (index + 1) * POSITION_STEP,
    definition,
    round: 1,
    status: index === 0 ? "queued" : "pending",
    fence: 0,
    availableAt: now,
    startedAt: null,
    endedAt: null,
    infrastructureLosses: 0,
    failedAttempts: 0,
    result: null,
    reusedFrom: null,
  }));
}

export interface NewRun {
  readonly workflow: WorkflowDefinition;
  readonly limits: RunLimits;
  /** Where the first phase starts when the run goes on from an earlier one. */
  readonly startSha?: string | null;
  readonly planFile?: string | null;
  readonly pullRequestUrl?: string | null;
}

/** The state of a run that was just accepted. */
export function openRun(request: NewRun, now: Date): RunState {
  return {
    workflow: request.workflow,
    status: "pending",
    waiting: null,
    outcome: null,
    failure: null,
    execution: 1,
    phases: plannedPhases(request.workflow, 1, now),
    limits: request.limits,
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
}
