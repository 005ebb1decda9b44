import type { ClaimedEffect } from "@pullwright/persistence";
import type { EffectOutcome } from "./effect-outcome.js";
import { soon } from "./soon.js";

/**
 * Keeps a write back that might still be on its way when the effect is another worker's: that one looks, finds nothing,
 * and writes as well. Reading what the write needs takes long where connections break, and a machine may have slept.
 *
 * @returns null when the write may be made
 */
export function tooLate(
  effect: Pick<ClaimedEffect, "leaseLeftMs" | "now" | "uncertainSince">,
  writeMs: number,
): EffectOutcome | null {
  if (effect.leaseLeftMs() >= writeMs) return null;
  return {
    kind: "later",
    at: soon(effect),
    reason: "it came to its write too late to be alone with it",
    uncertain: effect.uncertainSince !== null,
  };
}
