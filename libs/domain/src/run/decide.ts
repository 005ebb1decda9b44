import { budgetFreed, phaseUnaffordable } from "./decide/await-budget.js";
import { claimPhase } from "./decide/claim-phase.js";
import { finishPhase } from "./decide/finish-phase.js";
import { loseAttempt } from "./decide/lose-attempt.js";
import { publishFailed, published } from "./decide/publish.js";
import { requestCancel } from "./decide/request-cancel.js";
import { requestContinue } from "./decide/request-continue.js";
import { requestRetry } from "./decide/request-retry.js";
import { elapseWait } from "./decide/elapse-wait.js";
import { seeBlockers } from "./decide/await-blockers.js";
import { unknownIn } from "./decide/newer-version.js";
import { refuse, type Decision, type Refusal } from "./decision.js";
import type { RunEvent } from "./run-event.js";
import type { RunState } from "./run-state.js";

/**
 * The whole life of a run: what an event makes of it, or why it makes nothing of it.
 *
 * Pure and total: no clock, no randomness, no exception for any input that the types allow.
 */
export function decide(
  run: RunState,
  event: RunEvent,
  now: Date,
): Decision | Refusal {
  const unknown = unknownIn(run);
  if (unknown !== null)
    return refuse(
      "newer_version",
      `A newer version wrote ${unknown} into the run; this one leaves it alone.`,
    );
  switch (event.type) {
    case "phase_claimed":
      return claimPhase(run, event.position, now);
    case "phase_unaffordable":
      return phaseUnaffordable(run, event, now);
    case "budget_freed":
      return budgetFreed(run, now);
    case "phase_finished":
      return finishPhase(run, event, now);
    case "attempt_lost":
      return loseAttempt(run, event, now);
    case "published":
      return published(run, event, now);
    case "publish_failed":
      return publishFailed(run, event, now);
    case "blockers_seen":
      return seeBlockers(run, event.open, now);
    case "wait_elapsed":
      return elapseWait(run, now);
    case "cancel_requested":
      return requestCancel(run, event, now);
    case "continue_requested":
      return requestContinue(run, event, now);
    case "retry_requested":
      return requestRetry(run, event, now);
  }
}
