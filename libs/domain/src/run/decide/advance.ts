import type { Decision, EffectKind } from "../decision.js";
import type { RunOutcome, RunState } from "../run-state.js";
import { statusEffects, withKinds } from "./effects.js";
import { completeRun } from "./end-run.js";
import { startPhase } from "./start-phase.js";

/** Gives the next phase its turn, or completes the run when there is none. */
export function advance(
  run: RunState,
  effects: readonly EffectKind[],
  now: Date,
): Decision {
  const next = run.phases.find((phase) => phase.status === "pending");
  if (next !== undefined) return startPhase(run, next, effects, now);
  return {
    run: completeRun(run, finalOutcome(run), now),
    effects: withKinds(effects, statusEffects),
  };
}

function finalOutcome(run: RunState): RunOutcome {
  return run.pullRequestUrl === null ? "planned" : "pull_request";
}
