import { changePhase, changeRun } from "../change-phase.js";
import type { RunFailure, RunOutcome, RunState } from "../run-state.js";
import { isLive, type PhaseStatus } from "../run-status.js";

export function completeRun(
  run: RunState,
  outcome: RunOutcome,
  now: Date,
): RunState {
  return changeRun(closePhases(run, "cancelled", "skipped", now), {
    status: "completed",
    outcome,
    waiting: null,
    endedAt: now,
  });
}

export function failRun(
  run: RunState,
  failure: RunFailure,
  now: Date,
): RunState {
  return changeRun(closePhases(run, "failed", "skipped", now), {
    status: "failed",
    failure,
    waiting: null,
    endedAt: now,
  });
}

export function cancelRun(run: RunState, now: Date): RunState {
  return changeRun(closePhases(run, "cancelled", "cancelled", now), {
    status: "cancelled",
    waiting: null,
    endedAt: now,
  });
}

/** Ends what is left of the execution: its live phase, and those that never had their turn. */
function closePhases(
  run: RunState,
  live: PhaseStatus,
  rest: PhaseStatus,
  now: Date,
): RunState {
  return run.phases.reduce((closing, { status, position }) => {
    if (isLive(status))
      return changePhase(closing, position, { status: live, endedAt: now });
    return status === "pending"
      ? changePhase(closing, position, { status: rest })
      : closing;
  }, run);
}
