import type { Stores } from "@pullwright/persistence";
import type { ReconcilerStep } from "./reconciler.js";

const MINUTE_MS = 60_000;

/**
 * Keeps the budgets that MAX_DAY_USD and the repositories' policies ask for as rows, where every runner finds and locks
 * them. At its start, and again for what an older version of the API has changed meanwhile.
 */
export function followBudgetsStep({
  budgets,
  maxDayUsd,
}: {
  readonly budgets: Pick<Stores["budgets"], "follow">;
  readonly maxDayUsd: number | undefined;
}): ReconcilerStep {
  return {
    name: "followed_budgets",
    everyMs: MINUTE_MS,
    run: async () => {
      await budgets.follow({ maxDayUsd: maxDayUsd ?? null });
    },
  };
}
