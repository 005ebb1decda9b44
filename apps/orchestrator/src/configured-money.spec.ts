import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration({
    environment: { MAX_DAY_USD: "0", MAX_RUN_USD: "9" },
  });
});
afterAll(() => sut.close());

/** The run that a comment asks for. */
async function asked(comment: string) {
  const issue = sut.issue();
  sut.github.comment(repo, issue, comment, "ada");
  await sut.quiet();
  const [run] = (await sut.runs()).filter((one) => one.issueNumber === issue);
  if (run === undefined) throw new Error("no run was started");
  return { issue, run };
}

test("MAX_DAY_USD holds every run back, and the comment says what to raise", async () => {
  const { runtime } = sut;
  const { budgets } = runtime.stores;
  await until(
    async () => (await budgets.list(null)).length === 1,
    "the budget follows the setting",
  );
  expect(await budgets.list(null)).toMatchObject([
    { scope: "day", repository: null, limitUsd: 0, origin: "configuration" },
  ]);
  const { issue, run } = await asked("/adw");
  const told: Promise<void>[] = [];
  const claimed = await runtime.stores.attempts.claim({
    phaseRunId: run.phaseRows[0]?.id ?? "",
    owner: "runner-1",
    leaseMs: 60_000,
    onUnaffordable: (answer) => void told.push(runtime.announce(answer)),
  });
  expect(claimed).toBeNull();
  await Promise.all(told);
  await until(
    () =>
      sut
        .ourComments(issue)
        .some(({ body }) =>
          /\$0\.00 for each day has no room.*MAX\\?_DAY\\?_USD is raised/.test(
            body,
          ),
        ),
    "the comment names the setting",
  );
});

test("a run's own money is the least of the setting, the policy and the wish", async () => {
  const limitOf = async (comment: string) =>
    (await asked(comment)).run.state.limits.maxUsd;
  expect(await limitOf("/adw")).toBe(9);
  await sut.runtime.stores.repositories.change(sut.repository.id, {
    policy: { max_run_usd: 4 },
  });
  expect(await limitOf("/adw")).toBe(4);
  expect(await limitOf("/adw --budget 3")).toBe(3);
  expect(await limitOf("/adw --budget 5")).toBe(4);
});
