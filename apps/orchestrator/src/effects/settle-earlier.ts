import type { ClaimedEffect } from "@pullwright/persistence";
import type { EffectOutcome } from "./effect-outcome.js";
import { soon } from "./soon.js";

/**
 * Decides what an earlier write whose answer is missing allows now that looking has found nothing.
 *
 * @returns null when nothing is uncertain and the write may be made
 */
export function settleEarlier(
  effect: ClaimedEffect,
  uncertaintyMs: number,
): EffectOutcome | null {
  const now = effect.now();
  if (effect.uncertainSince === null) return null;
  const arrivedBy = new Date(effect.uncertainSince.getTime() + uncertaintyMs);
  return now < arrivedBy
    ? {
        kind: "later",
        at: arrivedBy,
        reason: "an earlier write had no answer; it may still arrive",
        uncertain: true,
      }
    : // Released and claimed anew, so that the next write's own uncertainty counts from its own beginning.
      {
        kind: "later",
        at: soon(effect),
        reason: "an earlier write never arrived",
        uncertain: false,
      };
}
