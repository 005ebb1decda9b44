import type { Stores } from "@pullwright/persistence";
import { reach, type Logger } from "@pullwright/platform";
import type { Queues } from "@pullwright/queue";
import type { ReconcilerStep } from "./reconciler.js";

export interface EmptiedQueueStepParts {
  readonly queues: Pick<Queues, "wasEmptied">;
  readonly reconciliation: Pick<Stores["reconciliation"], "forgetRings">;
  readonly everyMs: number;
  readonly logger: Logger;
}

/** A queue that was flushed has lost every ring: all are made again at once, not when each is overdue. */
export function emptiedQueueStep({
  queues,
  reconciliation,
  everyMs,
  logger,
}: EmptiedQueueStepParts): ReconcilerStep {
  return {
    name: "emptied_queue",
    everyMs,
    run: async () => {
      if (!(await queues.wasEmptied())) return;
      reach("reconciler.emptied-not-forgotten");
      const forgotten = await reconciliation.forgetRings();
      logger.warn(
        { rings: forgotten },
        "the queue was emptied; what is open is rung for again",
      );
    },
  };
}
