import {
  definitionOfNewer,
  type FailureClass,
  type IssueClass,
  type PhaseResult,
  type PhaseRunState,
  type PhaseStatus,
  POSITION_STEP,
  type RunOutcome,
  type RunState,
  type RunStatus,
  type Setback,
  type WaitReason,
  type WorkflowDefinition,
} from "@pullwright/domain";

/** A row of `workflow_runs` as pg gives it; `numeric` and `bigint` arrive as text. */
export interface RunRow {
  readonly id: string;
  readonly adw_id: string;
  readonly repository_id: string;
  readonly work_item_id: string;
  readonly issue_number: number | null;
  readonly workflow_name: string;
  readonly workflow_type: string;
  readonly definition_sha256: string;
  readonly status: RunStatus;
  readonly outcome: RunOutcome | null;
  readonly execution: number;
  readonly classification: IssueClass | null;
  readonly agent: string | null;
  readonly agent_route: readonly string[];
  readonly model: string | null;
  readonly note: string | null;
  readonly branch_name: string;
  readonly base_branch: string;
  readonly start_sha: string | null;
  readonly head_sha: string | null;
  readonly pushed_sha: string | null;
  readonly plan_file: string | null;
  readonly pull_request_url: string | null;
  readonly pull_request_number: number | null;
  readonly implementation_summary: string | null;
  readonly error_message: string | null;
  readonly error_phase: string | null;
  readonly error_class: FailureClass | null;
  readonly waiting_reason: WaitReason | null;
  readonly waiting_message: string | null;
  readonly waiting_budget_id: string | null;
  readonly waiting_since: Date | null;
  readonly blocked_by: readonly string[] | null;
  readonly resume_at: Date | null;
  readonly wait_deadline: Date | null;
  readonly max_active_ms: string;
  readonly max_usd: string | null;
  readonly max_fix_rounds: number;
  readonly spent_usd: string;
  readonly active_ms: string;
  readonly cancel_requested_by: string | null;
  readonly cancel_reason: string | null;
  readonly cancel_requested_at: Date | null;
  readonly cause: string;
  readonly triggered_by: string;
  readonly trigger_source: string;
  /** Its place in the domain's list. */
  readonly priority: number;
  readonly version: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly completed_at: Date | null;
  readonly updated_at: Date;
}

/** A row of `phase_runs` inside `json_agg`, so that moments are ISO text. */
export interface PhaseJson {
  readonly id: string;
  readonly execution: number;
  readonly position: number;
  readonly phase: string;
  readonly round: number;
  readonly status: PhaseStatus;
  readonly fence: number;
  readonly owner: string | null;
  readonly lease_until: string | null;
  readonly available_at: string;
  readonly infrastructure_losses: number;
  readonly failed_attempts: number;
  readonly reused_from: number | null;
  readonly setbacks: { readonly refused: readonly SetbackJson[] } | null;
  readonly result: PhaseResult | null;
  readonly started_at: string | null;
  readonly completed_at: string | null;
}

/** A {@link Setback} in JSON. */
type SetbackJson = Omit<Setback, "resumeAt"> & {
  readonly resumeAt: string | null;
};

const dateOrNull = (text: string | null): Date | null =>
  text === null ? null : new Date(text);

/** The agents that may work on a run: the one that it names goes before the route that it was made with. */
export const routeOf = (
  agent: string | null,
  route: readonly string[],
): string[] => [...new Set([...(agent === null ? [] : [agent]), ...route])];

/** The domain's view of a run. */
export function toRunState(
  row: RunRow,
  phases: readonly PhaseJson[],
  workflow: WorkflowDefinition,
): RunState {
  return {
    workflow,
    status: row.status,
    waiting:
      row.waiting_reason === null
        ? null
        : {
            reason: row.waiting_reason,
            message: row.waiting_message ?? "",
            ...(row.waiting_budget_id === null
              ? {}
              : { budgetId: row.waiting_budget_id }),
            ...(row.blocked_by === null ? {} : { blockedBy: row.blocked_by }),
            since: row.waiting_since ?? row.updated_at,
            resumeAt: row.resume_at,
            deadline: row.wait_deadline ?? row.updated_at,
          },
    outcome: row.outcome,
    failure:
      row.error_class === null
        ? null
        : {
            failureClass: row.error_class,
            message: row.error_message ?? "",
            phase: row.error_phase,
          },
    execution: row.execution,
    phases: phases.map((phase) => toPhaseState(phase, workflow)),
    limits: {
      maxActiveMs: Number(row.max_active_ms),
      maxUsd: row.max_usd === null ? null : Number(row.max_usd),
      maxFixRounds: row.max_fix_rounds,
    },
    agentRoute: routeOf(row.agent, row.agent_route),
    classification: row.classification,
    planFile: row.plan_file,
    summary: row.implementation_summary,
    startSha: row.start_sha,
    headSha: row.head_sha,
    pullRequestUrl: row.pull_request_url,
    spentUsd: Number(row.spent_usd),
    activeMs: Number(row.active_ms),
    cancelRequest:
      row.cancel_requested_at === null
        ? null
        : {
            by: row.cancel_requested_by,
            reason: row.cancel_reason,
            at: row.cancel_requested_at,
          },
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.completed_at,
  };
}

function toPhaseState(
  phase: PhaseJson,
  workflow: WorkflowDefinition,
): PhaseRunState {
  // Rounds keep the definition of the phase they repeat; planned positions index the definition directly.
  const definition =
    workflow.phases.find((candidate) => candidate.name === phase.phase) ??
    workflow.phases[Math.floor(phase.position / POSITION_STEP) - 1] ??
    definitionOfNewer(phase.phase);
  return {
    execution: phase.execution,
    position: phase.position,
    definition,
    round: phase.round,
    status: phase.status,
    fence: phase.fence,
    availableAt: new Date(phase.available_at),
    startedAt: dateOrNull(phase.started_at),
    endedAt: dateOrNull(phase.completed_at),
    infrastructureLosses: phase.infrastructure_losses,
    failedAttempts: phase.failed_attempts,
    setbacks: (phase.setbacks?.refused ?? []).map((setback) => ({
      ...setback,
      resumeAt: dateOrNull(setback.resumeAt),
    })),
    result: phase.result,
    reusedFrom: phase.reused_from,
  };
}
