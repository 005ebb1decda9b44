import { changePhase, changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { RunEvent } from "../run-event.js";
import type { RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";
import { heldPhase, queuedPhase, resume } from "./elapse-wait.js";
import { moneySpent } from "./limits.js";

type Continue = Extract<RunEvent, { type: "continue_requested" }>;

/**
 * A person ends a wait, with more money if they say so; failed attempts start counting anew. A run that works gets the
 * money as well: its agent may use it at once. A phase that is queued for another agent may have any of its route again.
 * A budget that runs share is for those to raise who may set it.
 */
export function requestContinue(
  run: RunState,
  event: Continue,
  now: Date,
): Decision | Refusal {
  const { maxUsd } = run.limits;
  const addUsd = Number.isFinite(event.addUsd) ? Math.max(0, event.addUsd) : 0;
  const limits = {
    ...run.limits,
    maxUsd: maxUsd === null ? null : maxUsd + addUsd,
  };
  if (run.waiting === null) {
    const again = withAllAgents(run);
    const isRicher = addUsd > 0 && maxUsd !== null && !isEnded(run.status);
    return isRicher || again !== run
      ? { run: changeRun(again, { limits }), effects: ["status_comment"] }
      : refuse("not_waiting", `The run is ${run.status}, it does not wait.`);
  }
  if (addUsd > 0 && run.waiting.budgetId !== undefined)
    return refuse(
      "budget_spent",
      `No money was added: it would go to the run's own limit, and the run waits for another budget. ${run.waiting.message}`,
    );
  const needsMoney = moneySpent({ ...run, limits });
  if (run.waiting.reason === "budget" && needsMoney !== null)
    return refuse("budget_spent", needsMoney);
  const held = heldPhase(run);
  const anew =
    held === undefined
      ? run
      : changePhase(run, held.position, {
          infrastructureLosses: 0,
          failedAttempts: 0,
          setbacks: [],
        });
  return resume(changeRun(anew, { limits }), now);
}

/** The same run where no agent of its queued phase was refused. */
function withAllAgents(run: RunState): RunState {
  const queued = queuedPhase(run);
  return queued === undefined || queued.setbacks.length === 0
    ? run
    : changePhase(run, queued.position, { setbacks: [] });
}
