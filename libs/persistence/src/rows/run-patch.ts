import {
  agentsLeft,
  type PhaseRunState,
  type RunState,
} from "@pullwright/domain";

/** The columns of `workflow_runs` that a transition may change. */
export function runPatch(run: RunState) {
  const { waiting, failure, cancelRequest } = run;
  return {
    status: run.status,
    outcome: run.outcome,
    execution: run.execution,
    classification: run.classification,
    plan_file: run.planFile,
    implementation_summary: run.summary,
    head_sha: run.headSha,
    pull_request_url: run.pullRequestUrl,
    error_message: failure?.message ?? null,
    error_phase: failure?.phase ?? null,
    error_class: failure?.failureClass ?? null,
    waiting_reason: waiting?.reason ?? null,
    waiting_message: waiting?.message ?? null,
    waiting_budget_id: waiting?.budgetId ?? null,
    waiting_since: waiting?.since ?? null,
    blocked_by: waiting?.blockedBy ?? null,
    resume_at: waiting?.resumeAt ?? null,
    wait_deadline: waiting?.deadline ?? null,
    max_active_ms: run.limits.maxActiveMs,
    max_usd: run.limits.maxUsd,
    spent_usd: run.spentUsd,
    active_ms: Math.round(run.activeMs),
    cancel_requested_by: cancelRequest?.by ?? null,
    cancel_reason: cancelRequest?.reason ?? null,
    cancel_requested_at: cancelRequest?.at ?? null,
    started_at: run.startedAt,
    completed_at: run.endedAt,
  };
}

/** The columns of `phase_runs` that a transition may change. */
export function phasePatch(
  phase: PhaseRunState,
  { agentRoute }: Pick<RunState, "agentRoute">,
) {
  const { result } = phase;
  return {
    execution: phase.execution,
    position: phase.position,
    phase: phase.definition.name,
    round: phase.round,
    status: phase.status,
    fence: phase.fence,
    available_at: phase.availableAt,
    infrastructure_losses: phase.infrastructureLosses,
    failed_attempts: phase.failedAttempts,
    reused_from: phase.reusedFrom,
    agents:
      phase.definition.kind === "agent"
        ? agentsLeft(agentRoute, phase).join(",")
        : null,
    // An object, for the driver takes a list for an array of Postgres.
    setbacks: phase.setbacks.length === 0 ? null : { refused: phase.setbacks },
    result,
    commit_sha: result?.commitSha ?? null,
    output_file: result?.planFile ?? null,
    error_message: result?.outcome === "failed" ? result.message : null,
    error_class: result?.outcome === "failed" ? result.failureClass : null,
    started_at: phase.startedAt,
    completed_at: phase.endedAt,
  };
}

/** The phases that `after` has and `before` has not, or not like that; the core shares what it left alone. */
export function changedPhases(
  before: RunState,
  after: RunState,
): PhaseRunState[] {
  const known = new Set<PhaseRunState>(before.phases);
  return after.phases.filter((phase) => !known.has(phase));
}
