import { changePhase, changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { RunEvent } from "../run-event.js";
import type { RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";
import { heldPhase, resume } from "./elapse-wait.js";
import { moneySpent } from "./limits.js";

type Continue = Extract<RunEvent, { type: "continue_requested" }>;

/**
 * A person ends a wait, with more money if they say so; failed attempts start counting anew. A run that works gets the
 * money as well: its agent may use it at once.
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
  if (run.waiting === null)
    return addUsd > 0 && maxUsd !== null && !isEnded(run.status)
      ? { run: changeRun(run, { limits }), effects: ["status_comment"] }
      : refuse("not_waiting", `The run is ${run.status}, it does not wait.`);
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
