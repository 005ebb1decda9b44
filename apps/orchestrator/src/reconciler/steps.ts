import type { RunEvent } from "@pullwright/domain";
import type { Stores } from "@pullwright/persistence";
import { reach, type Logger } from "@pullwright/platform";
import type { Announce } from "../announce.js";
import type { Timing } from "../timing.js";
import type { OpenRunComparison } from "./compare-open-runs.js";
import { BudgetWaits } from "./free-budgets.js";
import type { ReconcilerStep } from "./reconciler.js";

export interface StepParts {
  readonly stores: Stores;
  readonly announce: Announce;
  readonly owner: string;
  /** Who works for a run that names no agent. */
  readonly defaultAgent: string;
  readonly timing: Timing["reconciler"];
  readonly comparison: Pick<OpenRunComparison, "nextPage">;
  readonly logger: Logger;
}

/** All that the reconciler looks after. */
export function reconcilerSteps(parts: StepParts): ReconcilerStep[] {
  const { stores, announce, timing, comparison } = parts;
  const { reconciliation } = stores;
  const budgets = new BudgetWaits(stores, parts.defaultAgent);
  return [
    {
      name: "doorbells",
      everyMs: timing.tickMs,
      run: async () => {
        const doorbells = await reconciliation.unheardDoorbells();
        if (doorbells.length > 0) reach("reconciler.found-not-rung");
        await announce({ doorbells, live: [] });
      },
    },
    {
      name: "attempts",
      everyMs: timing.tickMs,
      run: async (signal) => {
        for (const lost of await reconciliation.lostAttempts()) {
          if (signal.aborted) return;
          const { runId, position, fence, owner, costUsd, tokens } = lost;
          const message = `${owner} was not heard of in time; another runner takes over.`;
          await move(parts, runId, {
            type: "attempt_lost",
            position,
            fence,
            message,
            ...(costUsd === null ? {} : { costUsd }),
            ...(tokens === null ? {} : { tokens }),
          });
        }
      },
    },
    {
      name: "waits",
      everyMs: timing.tickMs,
      run: async (signal) => {
        for (const { runId } of await reconciliation.elapsedWaits()) {
          if (signal.aborted) return;
          await move(parts, runId, { type: "wait_elapsed" });
        }
      },
    },
    {
      name: "budgets",
      everyMs: timing.tickMs,
      run: async (signal) => {
        for (const { id } of await budgets.freed()) {
          if (signal.aborted) return;
          await move(parts, id, { type: "budget_freed" });
        }
      },
    },
    {
      name: "partitions",
      everyMs: timing.partitionsEveryMs,
      run: () => stores.ensureLogPartitions(new Date()),
    },
    {
      name: "comparison",
      everyMs: timing.comparisonEveryMs,
      run: (signal) => comparison.nextPage(signal),
    },
  ];
}

/** One run that cannot be moved keeps no other waiting. */
async function move(
  { stores, announce, owner, logger }: StepParts,
  runId: string,
  event: RunEvent,
): Promise<void> {
  try {
    const answer = await stores.transitions.apply(runId, {
      event,
      by: { actor: owner },
    });
    if (answer.kind !== "applied") return;
    reach("reconciler.run-moved-not-rung");
    await announce(answer);
  } catch (error) {
    logger.error(
      { err: error, runId, event: event.type },
      "the reconciler could not move a run",
    );
  }
}
