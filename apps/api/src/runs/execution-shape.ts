import type { ExecutionShape, PhaseDetail } from "@pullwright/contracts";
import type {
  AttemptView,
  ExecutionView,
  PhaseView,
} from "@pullwright/persistence";

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

const between = (from: Date | null, to: Date | null): number | null =>
  from === null || to === null ? null : to.getTime() - from.getTime();

export function executionShape(view: ExecutionView): ExecutionShape {
  return {
    number: view.number,
    status: view.status,
    requested_by: view.requestedBy,
    from_phase: view.fromPhase,
    note: view.note,
    agent: view.agent,
    model: view.model,
    models: [...view.models],
    total_calls: view.totalCalls,
    total_tokens: view.totalTokens,
    total_cost: view.totalCost,
    duration_ms: between(view.startedAt, view.finishedAt),
    started_at: iso(view.startedAt),
    finished_at: iso(view.finishedAt),
    created_at: view.createdAt.toISOString(),
  };
}

export function phaseDetailShape(view: PhaseView): PhaseDetail {
  return {
    id: view.id,
    execution: view.execution,
    position: view.position,
    phase: view.phase,
    round: view.round,
    // These columns hold what the domain wrote into them.
    status: view.status as PhaseDetail["status"],
    error_class: view.errorClass as PhaseDetail["error_class"],
    available_at: view.availableAt.toISOString(),
    infrastructure_losses: view.infrastructureLosses,
    failed_attempts: view.failedAttempts,
    reused_from: view.reusedFrom,
    commit_sha: view.commitSha,
    output_file: view.outputFile,
    error_message: view.errorMessage,
    result: view.result === null ? null : { ...view.result },
    started_at: iso(view.startedAt),
    completed_at: iso(view.completedAt),
    attempts: (view.attempts ?? []).map(attemptShape),
  };
}

/** Postgres writes moments in JSON with an offset and microseconds; the wire has one form. */
const oneForm = (text: string): string => new Date(text).toISOString();

function attemptShape(attempt: AttemptView): PhaseDetail["attempts"][number] {
  return {
    ...attempt,
    started_at: oneForm(attempt.started_at),
    ended_at: attempt.ended_at === null ? null : oneForm(attempt.ended_at),
  };
}
