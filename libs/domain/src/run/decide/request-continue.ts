import { changePhase, changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { RunEvent } from "../run-event.js";
import type { RunState } from "../run-state.js";
import { heldPhase, resume } from "./elapse-wait.js";
import { moneySpent } from "./limits.js";

type Continue = Extract<RunEvent, { type: "continue_requested" }>;

/** A person ends a wait, with more money if they say so; failed attempts start counting anew. */
export function requestContinue(
  run: RunState,
  event: Continue,
  now: Date,
): Decision | Refusal {
  if (run.waiting === null)
    return refuse("not_waiting", `The run is ${run.status}, it does not wait.`);
  const { maxUsd } = run.limits;
  const addUsd = Number.isFinite(event.addUsd) ? Math.max(0, event.addUsd) : 0;
  const limits = {
    ...run.limits,
    maxUsd: maxUsd === null ? null : maxUsd + addUsd,
  };
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
        });
  return resume(changeRun(anew, { limits }), now);
}
