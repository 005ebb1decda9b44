import { requestClasses } from "@pullwright/github";
import { defaultTiming } from "@pullwright/orchestrator";
import { sleep } from "@pullwright/platform";
import { timingFor } from "@pullwright/poller";
import type { Bench, Row } from "../bench.js";
import { openInstallation, type Installation } from "../quota/installation.js";
import { playRun } from "../quota/scripted-run.js";
import type { Stage } from "../stage/stage.js";

const HOUR_MS = 3_600_000;
const REPOSITORIES = 50;
const RUNS_AT_ONCE = 40;
/** From the label to the pull request that is ready; each run that ends is followed by the next. */
const RUN_MINUTES = 30;
const RUNS_AN_HOUR = (RUNS_AT_ONCE * 60) / RUN_MINUTES;
const HOURLY_LIMIT = 5_000;
const POLL_INTERVAL_MS = 60_000;

/** Requests that counted, by what they were for. */
interface Cost {
  readonly control: number;
  readonly status: number;
  readonly discovery: number;
}

/** What an hour costs of GitHub's quota, by the local GitHub's own count. */
export const githubQuotaBench: Bench = {
  name: "github-quota",
  needsRedis: false,
  async measure(stage, { short }): Promise<Row[]> {
    const runs = short ? 4 : RUNS_AT_ONCE;
    const polled = await costOfRuns(stage, runs, false);
    const pollingAlone = rowsOf("polling alone", hourOf(polled, Infinity));
    if (short) return pollingAlone; // The dearer of the two.
    const told = await costOfRuns(stage, runs, true);
    return [
      ...pollingAlone,
      ...rowsOf("with webhooks", hourOf(told, rarePollsAnHour())),
    ];
  },
};

/** The mean cost of a run, of as many at once in repositories of their own, with idle ones between them. */
async function costOfRuns(
  stage: Stage,
  runs: number,
  webhooks: boolean,
): Promise<Cost> {
  const installation = await openInstallation(
    stage,
    webhooks ? "quota-told" : "quota-polled",
    { repositories: (runs * REPOSITORIES) / RUNS_AT_ONCE, webhooks },
  );
  try {
    await settled(installation);
    const before = await counted(installation);
    installation.github.clearRequests();
    await Promise.all(
      installation.repositories
        .slice(0, runs)
        .map((repository) => oneRun(installation, repository)),
    );
    await settled(installation);
    const after = await counted(installation);
    const cost = {
      control: (after.control - before.control) / runs,
      status: (after.status - before.status) / runs,
      discovery: (after.discovery - before.discovery) / runs,
    };
    compare(installation, cost, runs);
    return cost;
  } finally {
    await installation.close();
  }
}

async function oneRun(
  { github, runtime, shown }: Installation,
  repository: string,
): Promise<void> {
  const { number } = github.createIssue({
    repo: repository,
    title: "Totals are wrong",
    body: "Off by one cent.",
    author: "acme",
  });
  github.addLabel(repository, number, "adw", "acme");
  for (;;) {
    const { items } = await runtime.stores.runQueries.list({ limit: 500 });
    const run = items.find((one) => one.repository === repository);
    if (run !== undefined) {
      await playRun(runtime, github, run.id, shown);
      return;
    }
    await sleep(50);
  }
}

/** What the governor counted; it tells the others once a second. */
async function counted({ runtime }: Installation): Promise<Cost> {
  const quotas = await runtime.stores.githubQuota.list();
  const sum = (of: (quota: (typeof quotas)[number]) => number) =>
    quotas.reduce((total, quota) => total + of(quota), 0);
  return {
    control: sum((quota) => quota.controlRequests),
    status: sum((quota) => quota.statusRequests),
    discovery: sum((quota) => quota.discoveryRequests),
  };
}

async function settled({ github, shown }: Installation): Promise<void> {
  await shown();
  await github.settled();
  await shown();
  await sleep(1_500);
}

/** The local GitHub has its own count, and it is the judge. */
function compare({ github }: Installation, cost: Cost, runs: number): void {
  const theirs = github
    .requests()
    .filter(({ kind, status }) => kind !== "git" && status !== 304).length;
  const ours = (cost.control + cost.status + cost.discovery) * runs;
  if (Math.abs(theirs - ours) > theirs * 0.02)
    throw new Error(
      `GitHub counted ${theirs.toString()} requests, we ${ours.toString()}`,
    );
}

/** A poll that finds a change costs one request; of a healthy feed there are this many polls an hour. */
function rarePollsAnHour(): number {
  const { rareMs } = timingFor(POLL_INTERVAL_MS);
  return 2 * RUNS_AT_ONCE * (HOUR_MS / rareMs);
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

function rowsOf(how: string, hour: Cost): Row[] {
  const row = (what: string, ours: number): Omit<Row, "target"> => ({
    what: `GitHub's quota, ${RUNS_AT_ONCE.toString()} runs at once in ${REPOSITORIES.toString()} repositories, ${how}: ${what}`,
    against: null,
    ours,
    unit: "requests/h",
    ratio: null,
  });
  return [
    {
      ...row("all", hour.control + hour.status + hour.discovery),
      target: { valueAtMost: HOURLY_LIMIT },
    },
    ...requestClasses.map((name) => ({
      ...row(name, hour[name]),
      target: null,
    })),
  ];
}
