import type { EffectKind } from "../decision.js";

/** Where people see a run's status; every change of it shows in all three. */
export const statusEffects: readonly EffectKind[] = [
  "status_comment",
  "labels",
  "commit_status",
];

export function withKinds(
  effects: readonly EffectKind[],
  more: readonly EffectKind[],
): EffectKind[] {
  return [...new Set([...effects, ...more])];
}
