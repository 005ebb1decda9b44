import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import { playAll } from "./__fixtures__/scripted-runner.js";

const everyDay = { scope: "day", key: "*", repositoryId: null } as const;

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration();
});
afterAll(() => sut.close());

test("a run that a day's budget has no room for says so in its comment, and goes on when the budget is raised", async () => {
  const { runtime } = sut;
  const { stores } = runtime;
  const limit = (usd: number) =>
    stores.budgets.put(everyDay, { usd, tokens: null }, "api:ada");
  await limit(0);
  const issue = sut.issue();
  sut.github.comment(repo, issue, "/adw", "ada");
  await sut.quiet();
  const [run] = (await sut.runs()).filter((one) => one.issueNumber === issue);
  const phaseRunId = run?.phaseRows[0]?.id ?? "";
  const told: Promise<void>[] = [];
  const claim = () =>
    stores.attempts.claim({
      phaseRunId,
      owner: "runner-1",
      leaseMs: 60_000,
      onUnaffordable: (answer) => void told.push(runtime.announce(answer)),
    });
  expect(await claim()).toBeNull();
  await Promise.all(told);
  expect(told).toHaveLength(1);
  await until(
    () =>
      sut
        .ourComments(issue)
        .some(({ body }) =>
          /budget of \\\$0\.00 for each day has no room.*\$0\.00 spent.*\$0\.00 reserved.*\$1\.00 wanted/.test(
            body,
          ),
        ),
    "the comment shows the sums",
  );
  const status = async () => (await sut.run(run?.id ?? "")).state.status;
  expect(await status()).toBe("waiting");
  await limit(10);
  await until(
    async () => (await status()) === "running",
    "the reconciler lets it go on",
  );
  expect(await claim()).not.toBeNull();
});

test("what a merged pull request cost is told apart", async () => {
  const issue = sut.issue();
  sut.github.comment(repo, issue, "/adw", "ada");
  await sut.quiet();
  const [run] = (await sut.runs()).filter((one) => one.issueNumber === issue);
  await playAll(sut, run?.id ?? "");
  await sut.quiet();
  const number = (await sut.run(run?.id ?? "")).pullRequestNumber ?? 0;
  const { stores, config } = sut.runtime;
  const costOf = async () => {
    const sums = await stores.ledger.sums({
      groupBy: "pull_request",
      from: null,
      to: null,
      repositoryIds: null,
      limit: 10,
    });
    return sums.find(({ key }) => key === `${repo}#${number.toString()}`);
  };
  expect(await costOf()).toMatchObject({ costUsd: 0.75, mergedAt: null });
  const { credentials, apiUrl } = config.github;
  const answer = await fetch(
    `${apiUrl}/repos/${repo}/pulls/${number.toString()}/merge`,
    {
      method: "PUT",
      headers: {
        authorization: `Bearer ${credentials?.kind === "token" ? credentials.token : ""}`,
      },
    },
  );
  expect(answer.status).toBe(200);
  sut.github.closeIssue(repo, issue, "ada");
  await until(
    async () => (await costOf())?.mergedAt instanceof Date,
    "the merge is noted",
  );
});
