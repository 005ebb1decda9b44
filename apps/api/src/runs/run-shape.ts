import type { RunShape, RunSummaryShape } from "@pullwright/contracts";
import type { PhaseRunState } from "@pullwright/domain";
import type {
  LoadedRun,
  RunBudget,
  RunSummary,
  WorkItemView,
} from "@pullwright/persistence";

import { runBudgetShape } from "../money/budget-shape.js";

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** A run as `GET /api/workflows/{adw_id}` shows it. */
export function runShape(
  run: LoadedRun,
  workItem: WorkItemView | null,
  budgets: readonly RunBudget[],
): RunShape {
  const { state, repository } = run;
  const { waiting, failure } = state;
  return {
    id: run.id,
    adw_id: run.adwId,
    repository: `${repository.owner}/${repository.name}`,
    issue_number: run.issueNumber,
    title: workItem?.title ?? "",
    workflow: run.workflowName,
    workflow_type: run.workflowType,
    status: state.status,
    outcome: state.outcome,
    waiting_reason: waiting?.reason ?? null,
    waiting: waiting && {
      reason: waiting.reason,
      message: waiting.message,
      since: waiting.since.toISOString(),
      resume_at: iso(waiting.resumeAt),
      deadline: waiting.deadline.toISOString(),
    },
    cancel_requested: state.cancelRequest !== null,
    execution: state.execution,
    classification: state.classification,
    agent: run.agent,
    model: run.model,
    note: run.note,
    branch_name: run.branch,
    base_branch: run.baseBranch,
    plan_file: state.planFile,
    pull_request_url: state.pullRequestUrl,
    pull_request_number: run.pullRequestNumber,
    implementation_summary: state.summary,
    error_message: failure?.message ?? null,
    error_phase: failure?.phase ?? null,
    error_class: failure?.failureClass ?? null,
    cost: { spent_usd: state.spentUsd, limit_usd: state.limits.maxUsd },
    triggered_by: run.triggeredBy,
    trigger_source: run.triggerSource,
    budgets: budgets.map(runBudgetShape),
    phases: state.phases.map(phaseShape),
    errors: errorsOf(run),
    created_at: state.createdAt.toISOString(),
    started_at: iso(state.startedAt),
    completed_at: iso(state.endedAt),
    updated_at: run.updatedAt.toISOString(),
  };
}

function phaseShape(phase: PhaseRunState): RunShape["phases"][number] {
  const { result } = phase;
  const failed = result?.outcome === "failed" ? result : null;
  return {
    phase: phase.definition.name,
    status: phase.status,
    started_at: iso(phase.startedAt),
    completed_at: iso(phase.endedAt),
    error: failed?.message ?? null,
    error_class: failed?.failureClass ?? null,
    round: phase.round,
    summary: result?.summary ?? null,
    commit_sha: result?.commitSha ?? null,
    reused_from: phase.reusedFrom,
  };
}

function errorsOf({ state }: LoadedRun): RunShape["errors"] {
  const ofPhases = state.phases.flatMap(({ result, definition }) =>
    result?.outcome === "failed"
      ? [
          {
            phase: definition.name,
            class: result.failureClass,
            message: result.message,
          },
        ]
      : [],
  );
  const { failure } = state;
  if (failure === null) return ofPhases;
  const known = ofPhases.some(
    ({ message, phase }) =>
      message === failure.message && phase === failure.phase,
  );
  if (known) return ofPhases;
  const { phase, failureClass, message } = failure;
  return [...ofPhases, { phase, class: failureClass, message }];
}

/** A run as lists show it. */
export function summaryShape(run: RunSummary): RunSummaryShape {
  return {
    id: run.id,
    adw_id: run.adwId,
    repository: run.repository,
    issue_number: run.issueNumber,
    title: run.title,
    workflow: run.workflowName,
    workflow_type: run.workflowType,
    status: run.status,
    // These columns hold what the domain wrote into them.
    outcome: run.outcome as RunSummaryShape["outcome"],
    waiting_reason: run.waitingReason as RunSummaryShape["waiting_reason"],
    error_class: run.errorClass as RunSummaryShape["error_class"],
    phase: run.phase,
    execution: run.execution,
    branch_name: run.branch,
    pull_request_url: run.pullRequestUrl,
    error_message: run.errorMessage,
    spent_usd: run.spentUsd,
    triggered_by: run.triggeredBy,
    created_at: run.createdAt.toISOString(),
    started_at: iso(run.startedAt),
    completed_at: iso(run.completedAt),
  };
}
