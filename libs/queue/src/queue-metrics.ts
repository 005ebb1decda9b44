import type { Metrics } from "@pullwright/platform";

/** What the queue counts. */
export type QueueMetrics = ReturnType<typeof createQueueMetrics>;

export function createQueueMetrics(metrics: Metrics) {
  return {
    rings: metrics.counter({
      name: "queue_rings_total",
      help: "Doorbells rung, those the queue could not take (unavailable), and those of them that were made again once it worked (rung_late); the reconciler rings the rest.",
      labels: ["job", "outcome"],
    }),
    jobs: metrics.counter({
      name: "queue_jobs_total",
      help: "Doorbells answered: done, failed, or with a payload that is not in the catalog.",
      labels: ["job", "outcome"],
    }),
    jobSeconds: metrics.histogram({
      name: "queue_job_seconds",
      help: "How long answering a doorbell took.",
      labels: ["job"],
    }),
    liveEvents: metrics.counter({
      name: "live_events_total",
      help: "Live events sent, dropped because the queue was away or slow, and received.",
      labels: ["outcome"],
    }),
  };
}
