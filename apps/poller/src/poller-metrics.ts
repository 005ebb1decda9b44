import type { GitHub } from "@pullwright/github";
import type { Metrics } from "@pullwright/platform";

export type PollerMetrics = ReturnType<typeof createPollerMetrics>;

/** What the poller counts. */
export function createPollerMetrics(
  metrics: Metrics,
  github: GitHub,
  isHolder: () => boolean,
) {
  metrics.gauge({
    name: "poller_is_holder",
    help: "1 in the one process that polls.",
    collect: (gauge) => gauge.set(isHolder() ? 1 : 0),
  });
  metrics.gauge({
    name: "poller_github_quota_remaining",
    help: "Requests left until GitHub's limit starts anew, as the poller last heard.",
    labels: ["account"],
    collect: (gauge) => {
      for (const { account, remaining } of github.quota())
        gauge.set({ account }, remaining);
    },
  });
  return {
    polls: metrics.counter({
      name: "poller_polls_total",
      help: "Polls by feed and outcome; not_modified costs no quota.",
      labels: ["feed", "outcome"],
    }),
    deliveries: metrics.counter({
      name: "poller_deliveries_total",
      help: "Changes that were recorded.",
      labels: ["feed"],
    }),
  };
}
