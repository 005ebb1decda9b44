import { sleep } from "@pullwright/platform";
import type { Bench, Row } from "../bench.js";
import {
  hourRows,
  rarePollsAnHour,
  repositoriesOf,
  RUNS_AT_ONCE,
  type Cost,
} from "../quota/hour.js";
import { openInstallation, type Installation } from "../quota/installation.js";
import { playRun } from "../quota/scripted-run.js";
import type { Stage } from "../stage/stage.js";

/** What an hour costs of GitHub's quota, by the local GitHub's own count. */
export const githubQuotaBench: Bench = {
  name: "github-quota",
  needsRedis: false,
  async measure(stage, { short }): Promise<Row[]> {
    const runs = short ? 4 : RUNS_AT_ONCE;
    const polled = await costOfRuns(stage, runs, false);
    const pollingAlone = hourRows("polling alone", polled, runs, Infinity);
    if (short) return pollingAlone; // The dearer of the two.
    const told = await costOfRuns(stage, runs, true);
    return [
      ...pollingAlone,
      ...hourRows("with webhooks", told, runs, rarePollsAnHour()),
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
    { repositories: repositoriesOf(runs), webhooks },
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
