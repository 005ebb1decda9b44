import { changePhase, changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";
import { statusEffects } from "./effects.js";
import { moneySpent } from "./limits.js";

/** An owner takes a queued phase; its fence grows by one. */
export function claimPhase(
  run: RunState,
  position: number,
  now: Date,
): Decision | Refusal {
  if (isEnded(run.status))
    return refuse("run_ended", `The run is ${run.status}.`);
  if (run.waiting !== null)
    return refuse("run_waiting", `The run waits: ${run.waiting.reason}.`);
  const phase = run.phases.find((candidate) => candidate.position === position);
  if (phase === undefined)
    return refuse(
      "no_such_phase",
      "The phase is not part of the current execution.",
    );
  if (phase.definition.kind === "builtin")
    return refuse("not_claimable", "A built-in phase has no owner.");
  if (phase.status !== "queued")
    return refuse("not_claimable", `The phase is ${phase.status}.`);
  if (phase.availableAt > now)
    return refuse("not_yet", "The phase is backing off.");
  const needsMoney = phase.definition.kind === "agent" ? moneySpent(run) : null;
  if (needsMoney !== null) return refuse("budget_spent", needsMoney);

  const claimed = changePhase(run, position, {
    status: "running",
    fence: phase.fence + 1,
    startedAt: now,
    endedAt: null,
  });
  return {
    run: changeRun(claimed, {
      status: "running",
      startedAt: run.startedAt ?? now,
    }),
    effects: run.status === "running" ? ["status_comment"] : statusEffects,
  };
}
