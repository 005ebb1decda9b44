import { changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { RunEvent } from "../run-event.js";
import type { RunState } from "../run-state.js";
import { resume } from "./elapse-wait.js";

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
  const limits = {
    ...run.limits,
    maxUsd: maxUsd === null ? null : maxUsd + event.addUsd,
  };
  const phases = run.phases.map((phase) =>
    phase.status === "waiting"
      ? { ...phase, infrastructureLosses: 0, failedAttempts: 0 }
      : phase,
  );
  return resume(changeRun(run, { limits, phases }), now);
}
