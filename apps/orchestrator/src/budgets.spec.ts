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
      workersOf: () => [{ agent: "claude", model: null, credential: null }],
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
  // Money for the run alone does not help it, and the person is told what does.
  sut.github.comment(repo, issue, "/continue +5", "ada");
  await until(
    () =>
      sut
        .ourComments(issue)
        .some(({ body }) =>
          /No money was added.*when the budget is raised/.test(body),
        ),
    "an answer says what has to be raised",
  );
  expect(await status()).toBe("waiting");
  await limit(10);
  await until(
    async () => (await status()) === "running",
    "the reconciler lets it go on",
  );
  expect(await claim()).not.toBeNull();
});

async function costOf(number: number) {
  const sums = await sut.runtime.stores.ledger.sums({
    groupBy: "pull_request",
    from: null,
    to: null,
    repositoryIds: null,
    limit: 50,
  });
  return sums.find(({ key }) => key === `${repo}#${number.toString()}`);
}

/** A run up to its pull request. */
async function aPullRequest() {
  const issue = sut.issue();
  sut.github.comment(repo, issue, "/adw", "ada");
  await sut.quiet();
  const [run] = (await sut.runs()).filter((one) => one.issueNumber === issue);
  await playAll(sut, run?.id ?? "");
  await sut.quiet();
  const number = (await sut.run(run?.id ?? "")).pullRequestNumber ?? 0;
  expect(await costOf(number)).toMatchObject({ costUsd: 0.75, mergedAt: null });
  return { issue, number, adwId: run?.adwId ?? "" };
}

/** Asks GitHub to change a pull request, as a person with the token. */
async function change(number: number, method: string, path = "", body = {}) {
  const { credentials, apiUrl } = sut.runtime.config.github;
  const answer = await fetch(
    `${apiUrl}/repos/${repo}/pulls/${number.toString()}${path}`,
    {
      method,
      headers: {
        authorization: `Bearer ${credentials?.kind === "token" ? credentials.token : ""}`,
      },
      body: JSON.stringify(body),
    },
  );
  expect(answer.status).toBe(200);
}

const lastReason = async () =>
  (await sut.verdicts()).at(-1)?.verdict_reason ?? "";

test("what a merged pull request cost is told apart, also while its issue stays open", async () => {
  const { issue, number, adwId } = await aPullRequest();
  // Without "Fixes #…" GitHub closes no issue.
  await change(number, "PATCH", "", { body: "A part of it." });
  await change(number, "PUT", "/merge");
  await until(
    async () => (await costOf(number))?.mergedAt instanceof Date,
    "the merge is noted",
  );
  await sut.quiet();
  expect(sut.github.getIssue(repo, issue).state).toBe("open");
  const said = (await sut.verdicts()).map((one) => one.verdict_reason);
  expect(said).toContain(
    `pull request #${number.toString()} of run ${adwId} was merged, which is noted with its costs`,
  );
});

test("a closed pull request that was not merged, or is not ours, is none that was taken", async () => {
  const { number, adwId } = await aPullRequest();
  await change(number, "PATCH", "", { state: "closed" });
  await sut.quiet();
  expect(await lastReason()).toBe(
    `pull request #${number.toString()} of run ${adwId} was closed unmerged`,
  );
  expect((await costOf(number))?.mergedAt).toBeNull();
  for (const foreign of [4_711, Number.MAX_SAFE_INTEGER]) {
    const about = sut.about(0, "closed", {
      issue: undefined,
      pull_request: { number: foreign },
    });
    await sut.deliver("pull_request", about, "poll");
    await sut.quiet();
    expect(await lastReason()).toBe(
      `pull request #${foreign.toString()} concerns no run, or is known to be merged`,
    );
  }
});

test("a merge whose own delivery was lost is noted when its issue is closed", async () => {
  const { issue, number } = await aPullRequest();
  await change(number, "PUT", "/merge");
  await sut.quiet();
  await sut.runtime.database.pool.query(
    "UPDATE workflow_runs SET pull_request_merged_at = NULL WHERE pull_request_number = $1",
    [number],
  );
  await sut.deliver("issues", sut.about(issue, "closed"));
  await sut.quiet();
  expect((await costOf(number))?.mergedAt).toBeInstanceOf(Date);
});
