import type { Metrics } from "@pullwright/platform";

export type PollerMetrics = ReturnType<typeof createPollerMetrics>;

/** What the poller counts. */
export function createPollerMetrics(metrics: Metrics, isHolder: () => boolean) {
  metrics.gauge({
    name: "poller_is_holder",
    help: "1 in the one process that polls.",
    collect: (gauge) => gauge.set(isHolder() ? 1 : 0),
  });
  return {
    polls: metrics.counter({
      name: "poller_polls_total",
      help: "Polls by feed and outcome; not_modified costs no quota.",
      labels: ["feed", "outcome"],
    }),
    testimonies: metrics.counter({
      name: "poller_testimonies_total",
      help: "Polls by what their finds say of the webhooks: told before, untold, or nothing to judge by.",
      labels: ["feed", "said"],
    }),
    missed: metrics.counter({
      name: "poller_missed_webhooks_total",
      help: "Deliveries that failed and were taken from a webhook's log.",
    }),
    deliveries: metrics.counter({
      name: "poller_deliveries_total",
      help: "Changes that were recorded.",
      labels: ["feed"],
    }),
  };
}
