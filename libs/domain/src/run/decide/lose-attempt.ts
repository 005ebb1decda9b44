import type { Decision, Refusal } from "../decision.js";
import type { PhaseFailed } from "../phase-result.js";
import type { RunEvent } from "../run-event.js";
import type { RunState } from "../run-state.js";
import { statusEffects } from "./effects.js";
import { cancelRun } from "./end-run.js";
import { account, ownedPhase } from "./finish-phase.js";
import { followFailure } from "./follow-failure.js";

type Lost = Extract<RunEvent, { type: "attempt_lost" }>;

/** The owner fell silent: another attempt, on the infrastructure's budget. */
export function loseAttempt(
  run: RunState,
  event: Lost,
  now: Date,
): Decision | Refusal {
  const phase = ownedPhase(run, event);
  if ("refused" in phase) return phase;
  const accounted = account(run, phase, event.costUsd ?? 0, now);
  if (run.cancelRequest !== null) {
    return { run: cancelRun(accounted, now), effects: statusEffects };
  }
  const failure: PhaseFailed = {
    outcome: "failed",
    failureClass: "infrastructure",
    message: event.message,
    summary: "",
    usage: null,
  };
  return followFailure(accounted, phase, failure, now);
}
