import type { QueueName } from "@pullwright/contracts";
import { withTimeout, type Metrics } from "@pullwright/platform";
import type { Queue } from "bullmq";

/** Whoever reads the metrics does not wait longer than this for the queue. */
const TIMEOUT_MS = 1_000;

/** Reports how many doorbells wait and how many are being answered, asked when the metrics are read. */
export function reportDepth(
  metrics: Metrics,
  queues: ReadonlyMap<QueueName, Queue>,
): void {
  metrics.gauge({
    name: "queue_depth",
    help: "Doorbells in the queue; absent while the queue does not answer.",
    labels: ["queue", "state"],
    collect: async (gauge) => {
      gauge.reset();
      await Promise.all(
        [...queues].map(async ([name, queue]) => {
          const counts = await withTimeout(
            queue.getJobCounts("waiting", "active"),
            TIMEOUT_MS,
            "Counting",
          ).catch(() => ({}));
          for (const [state, count] of Object.entries(counts))
            gauge.set({ queue: name, state }, count);
        }),
      );
    },
  });
}
