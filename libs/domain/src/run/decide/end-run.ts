import { changeRun } from "../change-phase.js";
import type { RunFailure, RunOutcome, RunState } from "../run-state.js";
import { isLive, type PhaseStatus } from "../run-status.js";

/** Ends what is left of the execution's phases: those not begun are skipped or cancelled. */
function closePhases(
  run: RunState,
  live: "cancelled" | "failed",
  rest: PhaseStatus,
  now: Date,
): RunState {
  return {
    ...run,
    phases: run.phases.map((phase) => {
      if (isLive(phase.status)) return { ...phase, status: live, endedAt: now };
      return phase.status === "pending" ? { ...phase, status: rest } : phase;
    }),
  };
}

export function completeRun(
  run: RunState,
  outcome: RunOutcome,
  now: Date,
): RunState {
  const closed = closePhases(run, "cancelled", "skipped", now);
  return changeRun(closed, {
    status: "completed",
    outcome,
    waiting: null,
    failure: null,
    endedAt: now,
  });
}

export function failRun(
  run: RunState,
  failure: RunFailure,
  now: Date,
): RunState {
  const closed = closePhases(run, "failed", "skipped", now);
  return changeRun(closed, {
    status: "failed",
    failure,
    waiting: null,
    endedAt: now,
  });
}

export function cancelRun(run: RunState, now: Date): RunState {
  const closed = closePhases(run, "cancelled", "cancelled", now);
  return changeRun(closed, {
    status: "cancelled",
    waiting: null,
    endedAt: now,
  });
}
