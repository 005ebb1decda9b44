import type { DispatchRules, Stores } from "@pullwright/persistence";
import { withTimeout, type Metrics } from "@pullwright/platform";

/** Whoever reads the metrics does not wait longer than this for Postgres. */
const TIMEOUT_MS = 1_000;

/** Reports how many phases are queued and why, asked when the metrics are read. */
export function reportQueuedPhases(
  metrics: Metrics,
  dispatch: Pick<Stores["dispatch"], "queued">,
  rules: DispatchRules,
): void {
  metrics.gauge({
    name: "phases_queued",
    help: "Phases of the installation that are queued, by what they wait for; absent while Postgres does not answer.",
    labels: ["why"],
    collect: async (gauge) => {
      const queued = await withTimeout(
        dispatch.queued(rules),
        TIMEOUT_MS,
        "Counting",
      ).catch(() => []);
      gauge.reset();
      for (const { why, count } of queued) gauge.set({ why }, count);
    },
  });
}
