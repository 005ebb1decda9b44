import type { EffectKind } from "../decision.js";
import type { PhaseFailed } from "../phase-result.js";
import type { RunState } from "../run-state.js";

/** Where people see a run's status; every change of it shows in all three. */
export const statusEffects: readonly EffectKind[] = [
  "status_comment",
  "labels",
  "commit_status",
];

/**
 * A failure shows on the pull request where there is one, to which it adds its cost, or where tests were run on code. What
 * fails before that opens none: the branch holds a plan at most.
 */
export function pullEffects(
  run: RunState,
  { tests }: PhaseFailed,
): readonly EffectKind[] {
  return tests === undefined && run.pullRequestUrl === null
    ? []
    : ["pull_request"];
}

export function withKinds(
  effects: readonly EffectKind[],
  more: readonly EffectKind[],
): EffectKind[] {
  return [...new Set([...effects, ...more])];
}
