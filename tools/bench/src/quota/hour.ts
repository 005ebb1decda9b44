import { requestClasses } from "@pullwright/github";
import { defaultTiming } from "@pullwright/orchestrator";
import { timingFor } from "@pullwright/poller";
import type { Row } from "../bench.js";

const HOUR_MS = 3_600_000;
const REPOSITORIES = 50;
export const RUNS_AT_ONCE = 40;
/** From the label to the pull request that is ready; each run that ends is followed by the next. */
const RUN_MINUTES = 30;
const RUNS_AN_HOUR = (RUNS_AT_ONCE * 60) / RUN_MINUTES;
const HOURLY_LIMIT = 5_000;
const POLL_INTERVAL_MS = 60_000;

/** Requests that counted, by what they were for. */
export interface Cost {
  readonly control: number;
  readonly status: number;
  readonly discovery: number;
}

/** In how many repositories so many runs are measured: idle ones belong to them. */
export const repositoriesOf = (runs: number): number =>
  (runs * REPOSITORIES) / RUNS_AT_ONCE;

/** A poll that finds a change costs one request; of a healthy feed there are this many polls an hour. */
export function rarePollsAnHour(): number {
  const { rareMs } = timingFor(POLL_INTERVAL_MS);
  return 2 * RUNS_AT_ONCE * (HOUR_MS / rareMs);
}

/**
 * What an hour costs, by the mean cost of a run.
 *
 * @param measuredRuns how many that mean is of; fewer than the hour has at once are named
 * @param mostPolls polls an hour that can find a change
 */
export function hourRows(
  how: string,
  run: Cost,
  measuredRuns: number,
  mostPolls: number,
): Row[] {
  const hour = hourOf(run, mostPolls);
  const inRepositories = (runs: number) =>
    `${runs.toString()} runs at once in ${repositoriesOf(runs).toString()} repositories`;
  const measured =
    measuredRuns === RUNS_AT_ONCE
      ? inRepositories(RUNS_AT_ONCE)
      : `${inRepositories(RUNS_AT_ONCE)} by the cost of ${inRepositories(measuredRuns)}`;
  const row = (what: string, ours: number): Omit<Row, "target"> => ({
    what: `GitHub's quota, ${measured}, ${how}: ${what}`,
    against: null,
    ours,
    unit: "requests/h",
    ratio: null,
  });
  return [
    {
      ...row("all", hour.control + hour.status + hour.discovery),
      target: { countAtMost: HOURLY_LIMIT },
    },
    ...requestClasses.map((name) => ({
      ...row(name, hour[name]),
      target: null,
    })),
  ];
}

function hourOf(run: Cost, mostPolls: number): Cost {
  const { comparisonEveryMs } = defaultTiming.reconciler;
  // A look at the issue and one at the pull request.
  const comparisons = 2 * RUNS_AT_ONCE * (HOUR_MS / comparisonEveryMs);
  return {
    control: run.control * RUNS_AN_HOUR,
    status: run.status * RUNS_AN_HOUR,
    discovery: Math.min(run.discovery * RUNS_AN_HOUR, mostPolls) + comparisons,
  };
}
