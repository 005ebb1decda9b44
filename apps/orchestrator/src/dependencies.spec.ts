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
    timing: {
      reconciler: {
        tickMs: 25,
        leaseMs: 600,
        stepTimeoutMs: 5_000,
        partitionsEveryMs: 60_000,
        comparisonEveryMs: 100,
      },
    },
  });
});
afterAll(() => sut.close());

async function labelled(blockers: readonly number[]): Promise<string> {
  const issue = sut.issue();
  for (const blocker of blockers) sut.github.blockIssue(repo, issue, blocker);
  sut.github.addLabel(repo, issue, "priority:high", "ada");
  sut.github.addLabel(repo, issue, "adw", "ada");
  await sut.quiet();
  const run = (await sut.runs()).find((one) => one.issueNumber === issue);
  if (run === undefined) throw new Error("no run");
  return run.id;
}

test("a run on an issue that others block is recorded, and begins when the last of them is closed", async () => {
  const [first, second] = [sut.issue(), sut.issue()];
  const id = await labelled([first, second]);
  const run = await sut.run(id);
  expect(run).toMatchObject({
    priority: "high",
    state: {
      status: "waiting",
      waiting: {
        reason: "dependency",
        blockedBy: [`${repo}#${first}`, `${repo}#${second}`],
      },
    },
  });
  sut.github.closeIssue(repo, first, "ada");
  await until(
    async () => (await sut.run(id)).state.waiting?.blockedBy?.length === 1,
    "the run waits for one issue only",
  );
  sut.github.closeIssue(repo, second, "ada");
  await until(
    async () => (await sut.run(id)).state.phases[0]?.status === "queued",
    "the run's first phase is queued",
  );
});

test("a closed issue that nobody reported is seen by the slow comparison", async () => {
  const blocker = sut.issue();
  const id = await labelled([blocker]);
  await sut.runtime.database.pool.query(
    "UPDATE repositories SET enabled = false",
  ); // Its deliveries are ignored.
  sut.github.closeIssue(repo, blocker, "ada");
  await sut.quiet();
  const { rows } = await sut.runtime.database.pool.query(
    "SELECT verdict FROM deliveries WHERE event = 'issues' AND action = 'closed' ORDER BY received_at DESC LIMIT 1",
  );
  expect(rows).toEqual([{ verdict: "ignored" }]);
  await sut.runtime.database.pool.query(
    "UPDATE repositories SET enabled = true",
  );
  await until(
    async () => (await sut.run(id)).state.phases[0]?.status === "queued",
    "the run's first phase is queued",
  );
});

test("an issue whose blockers are closed already blocks nothing", async () => {
  const blocker = sut.issue();
  sut.github.closeIssue(repo, blocker, "ada");
  const id = await labelled([blocker]);
  expect((await sut.run(id)).state.waiting).toBeNull();
});

const asked = { method: "GET", path: /\/dependencies\/blocked_by/ };

test.each([400, 403, 422, 501])(
  "a server that refuses by %s to tell what blocks an issue keeps no run from it",
  async (status) => {
    sut.github.faults.add({ kind: "status", status, body: {}, match: asked });
    const id = await labelled([]);
    expect((await sut.run(id)).state.phases[0]?.status).toBe("queued");
    sut.github.faults.clear();
  },
);

test("a run that waits for another issue goes on waiting while the server refuses to tell", async () => {
  const blocker = sut.issue();
  const id = await labelled([blocker]);
  sut.github.faults.add({ kind: "status", status: 403, match: asked });
  sut.github.closeIssue(repo, blocker, "ada");
  await sut.quiet();
  expect((await sut.run(id)).state.status).toBe("waiting");
  sut.github.faults.clear();
  await until(
    async () => (await sut.run(id)).state.phases[0]?.status === "queued",
    "the run's first phase is queued",
  );
});
