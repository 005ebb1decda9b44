import { afterEach, expect, test } from "@jest/globals";
import { until, useUpQuota } from "@pullwright/testing";
import {
  orchestration,
  quickTiming,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import { playPhase } from "./__fixtures__/scripted-runner.js";

const rateLimit = 400;
let sut: Orchestration | undefined;
afterEach(() => sut?.close());

/** Whether an effect of this kind waits for the quota. */
async function waits({ runtime }: Orchestration, kind: string) {
  const { rows } = await runtime.database.pool.query(
    "SELECT 1 FROM effects WHERE kind = $1 AND last_error LIKE '%status requests wait%'",
    [kind],
  );
  return rows.length === 1;
}

/** Another program with our token leaves this part of the quota. */
async function leave({ github, runtime }: Orchestration, part: number) {
  const { credentials } = runtime.config.github;
  if (credentials?.kind !== "token") throw new Error("There is no token.");
  const url = `${github.apiUrl}/repos/${repo}`;
  await useUpQuota(url, credentials.token, part * rateLimit);
}

test("while little is left of the quota the pull request opens, and what only tells of it waits", async () => {
  const orchestrated = await orchestration({ rateLimit });
  sut = orchestrated;
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  await sut.quiet();
  const { id } = await sut.onlyRun();
  for (let nth = 0; nth < 2; nth += 1) await playPhase(sut, id);
  await sut.quiet();
  await leave(sut, 0.09);
  // Looking at who asked shows how little is left.
  sut.github.comment(repo, issue, "/status", "ada");
  await until(() => waits(orchestrated, "reply"), "the answer waits");
  const told = sut.ourComments(issue);
  await playPhase(sut, id);
  await until(
    () => orchestrated.github.listPulls(repo).length === 1,
    "the pull request opens",
  );
  await until(() => waits(orchestrated, "status_comment"), "the comment waits");
  expect(sut.ourComments(issue)).toEqual(told);
});

test("a cancel still ends its run when a twentieth of the quota is left", async () => {
  const orchestrated = await orchestration({ rateLimit });
  sut = orchestrated;
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  await sut.quiet();
  const { id } = await sut.onlyRun();
  await leave(sut, 0.05);
  sut.github.comment(repo, issue, "/status", "ada");
  await until(() => waits(orchestrated, "reply"), "the answer waits");
  sut.github.comment(repo, issue, "/cancel", "ada");
  await until(
    async () => (await orchestrated.run(id)).state.status === "cancelled",
    "the run is cancelled",
  );
});

test("runs are compared with GitHub only while there is enough of the quota for what people ask", async () => {
  const orchestrated = await orchestration({
    rateLimit,
    timing: {
      reconciler: { ...quickTiming.reconciler, comparisonEveryMs: 50 },
    },
  });
  sut = orchestrated;
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  await sut.quiet();
  const asked = () =>
    orchestrated.github
      .requests()
      .filter(({ path }) => path.endsWith(`/issues/${issue.toString()}`))
      .length;
  await until(() => asked() > 3, "it is compared");
  await leave(sut, 0.2);
  const compared = async () => {
    const { body } = await orchestrated.runtime.metrics.render();
    const steps = /steps_total\{step="comparison",outcome="done"[^}]*\} (\d+)/;
    return Number(steps.exec(body)?.[1]);
  };
  const askedInFiveMore = async () => {
    const before = asked();
    const first = await compared();
    await until(async () => (await compared()) >= first + 5, "five more");
    return asked() - before;
  };
  // One comparison learns it; those that follow ask for nothing.
  await until(async () => (await askedInFiveMore()) === 0, "it has learnt it");
  expect(await askedInFiveMore()).toBe(0);
});
