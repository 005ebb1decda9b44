import { PERSON_DEADLINE_MS } from "../../failure/failure-table.js";
import { changePhase, changeRun } from "../change-phase.js";
import type { Decision, EffectKind } from "../decision.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { statusEffects, withKinds } from "./effects.js";
import { failRun } from "./end-run.js";
import { holdPhase } from "./hold-phase.js";
import { moneySpent, timeUsedUp } from "./limits.js";

/** Gives a phase its turn: queued for an owner, running where the effects do the work, or stopped by the run's limits. */
export function startPhase(
  run: RunState,
  phase: PhaseRunState,
  effects: readonly EffectKind[],
  now: Date,
): Decision {
  const { definition, position } = phase;
  if (definition.kind === "builtin") {
    // Nobody claims a built-in step; its fence still counts how often it was begun.
    const started = changePhase(run, position, {
      status: "running",
      fence: phase.fence + 1,
      startedAt: now,
      endedAt: null,
    });
    return {
      run: changeRun(started, {
        status: "running",
        startedAt: run.startedAt ?? now,
      }),
      effects: withKinds(effects, ["status_comment", "pull_request"]),
    };
  }
  const timeout = timeUsedUp(run, definition.name);
  if (timeout !== null)
    return {
      run: failRun(run, timeout, now),
      effects: withKinds(effects, statusEffects),
    };
  const needsMoney = definition.kind === "agent" ? moneySpent(run) : null;
  if (needsMoney !== null) {
    const wait = {
      reason: "budget",
      message: needsMoney,
      resumeAt: null,
      deadlineMs: PERSON_DEADLINE_MS,
    } as const;
    return {
      run: holdPhase(run, phase, wait, now),
      effects: withKinds(effects, statusEffects),
    };
  }
  return {
    run: changePhase(run, position, { status: "queued", availableAt: now }),
    effects: withKinds(effects, ["status_comment"]),
  };
}
