import type { RetentionPolicy, Stores } from "@pullwright/persistence";
import { Deadline, messageOf, type Metrics } from "@pullwright/platform";
import type { ReconcilerStep } from "./reconciler.js";

const MINUTE_MS = 60_000;
/** How long it rests once nothing outdated is left. */
const REST_MS = 60 * MINUTE_MS;

export interface RetentionStepParts {
  readonly retention: Stores["retention"];
  readonly policy: RetentionPolicy;
  readonly owner: string;
  /** How long it may work at a stretch. */
  readonly stretchMs: number;
  readonly metrics: Metrics;
}

/** Removes what is older than the configuration keeps it; with much to do it goes on in the next minute. */
export function retentionStep({
  retention,
  policy,
  owner,
  stretchMs,
  metrics,
}: RetentionStepParts): ReconcilerStep {
  const removals = metrics.counter({
    name: "retention_removed_total",
    help: "What was removed because of its age, by kind; deliveries are emptied.",
    labels: ["kind"],
  });
  let rest = Deadline.after(0);
  return {
    name: "retention",
    everyMs: MINUTE_MS,
    run: async (signal) => {
      if (!rest.passed) return;
      const { removed, failed, isDone } = await retention.sweep(
        policy,
        { actor: owner, source: "retention" },
        AbortSignal.any([signal, AbortSignal.timeout(stretchMs)]),
      );
      for (const [kind, count] of Object.entries(removed))
        removals.inc({ kind }, count);
      if (failed.length > 0)
        throw new AggregateError(failed, failed.map(messageOf).join("; "), {
          cause: failed[0],
        });
      if (isDone) rest = Deadline.after(REST_MS);
    },
  };
}
