import { changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { RunEvent } from "../run-event.js";
import type { RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";
import { statusEffects } from "./effects.js";
import { cancelRun } from "./end-run.js";

type Cancel = Extract<RunEvent, { type: "cancel_requested" }>;

/** Cancels at once where nobody works; else asks the owner, whose result (or loss) then ends the run. */
export function requestCancel(
  run: RunState,
  event: Cancel,
  now: Date,
): Decision | Refusal {
  if (isEnded(run.status))
    return refuse("run_ended", `The run is already ${run.status}.`);
  if (run.cancelRequest !== null)
    return refuse("already_requested", "The run is already being cancelled.");
  const requested = changeRun(run, {
    cancelRequest: { by: event.by, reason: event.reason, at: now },
  });
  const owned = run.phases.some(
    (phase) =>
      phase.status === "running" && phase.definition.kind !== "builtin",
  );
  if (owned) return { run: requested, effects: ["status_comment"] };
  return { run: cancelRun(requested, now), effects: statusEffects };
}
