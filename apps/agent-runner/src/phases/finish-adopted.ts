import type { PhaseContext, PhaseOutcome } from "./phase-context.js";
import { settleWithBase } from "./settle-with-base.js";

/**
 * What is left to do for a phase whose commit an attempt before had pushed. A build may have ended before it was settled
 * with its base branch; one that was settled finds nothing to do.
 */
export async function finishAdopted(
  context: PhaseContext,
  adopted: PhaseOutcome,
): Promise<PhaseOutcome> {
  const { definition } = context.claimed.phase;
  const { result } = adopted;
  return definition.writes === "code" && result.outcome === "succeeded"
    ? settleWithBase(context, { ...adopted, result })
    : adopted;
}
