import type { RequestOutcome } from "@pullwright/github";
import type { Logger, Metrics } from "@pullwright/platform";

/** One request fails now and then; so many in a row are an outage. */
const OUTAGE_AFTER = 3;

/** Shows an operator that GitHub does not work for this process; to be told of every request's end. */
export function watchOutage(
  metrics: Metrics,
  logger: Logger,
): (outcome: RequestOutcome) => void {
  const away = metrics.gauge({
    name: "github_unavailable",
    help: `1 while GitHub is away: ${OUTAGE_AFTER.toString()} requests in a row had no usable answer, and none had one since.`,
  });
  away.set(0);
  let failures = 0;
  return (outcome) => {
    switch (outcome) {
      case "failed":
        failures += 1;
        if (failures !== OUTAGE_AFTER) return;
        away.set(1);
        logger.warn({ failures }, "GitHub gives no usable answer");
        return;
      case "answered":
      case "not_modified":
      case "limited":
        if (failures >= OUTAGE_AFTER)
          logger.info({ failures }, "GitHub answers again");
        away.set(0);
        failures = 0;
        return;
      case "refused": // Nobody asked.
    }
  };
}
