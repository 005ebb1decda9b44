import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import { playAll } from "./__fixtures__/scripted-runner.js";

// Who put a label on an issue stands in three lists of GitHub's; servers that resemble it may lack each of them.
let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration();
});
afterEach(() => sut.github.faults.clear());
afterAll(() => sut.close());

const lists = {
  events: /\/issues\/\d+\/events/,
  timeline: /\/timeline/,
  repository: /\/issues\/events/,
};
function lose(status: number, names: readonly (keyof typeof lists)[]): void {
  for (const name of names) {
    const match = { method: "GET", path: lists[name] };
    sut.github.faults.add({ kind: "status", status, match, body: [] });
  }
}

async function labelled(by: string): Promise<number> {
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", by);
  await sut.quiet();
  return issue;
}
const runsOf = async (issue: number) =>
  (await sut.runs()).filter(({ issueNumber }) => issueNumber === issue);
const lastReason = async () => (await sut.verdicts()).at(-1)?.verdict_reason;
/** As the poller words what it has found. */
const polled = (issue: number) =>
  sut.deliver(
    "issues",
    { ...sut.about(issue, "labeled", { label: { name: "adw" } }) },
    "poll",
  );

test.each([
  ["missing", 404, ["events"]],
  ["gone for good", 410, ["events", "repository"]],
  ["not implemented", 501, ["events", "timeline"]],
  ["always empty", 200, ["events"]],
  ["always empty", 200, ["events", "timeline"]],
] as const)(
  "where a list is %s (%s, %j) another one tells, and a poll names the same cause",
  async (_what, status, names) => {
    lose(status, names);
    const issue = await labelled("ada");
    const [run] = await runsOf(issue);
    expect(run).toMatchObject({ triggeredBy: "ada" });
    sut.github.faults.clear();
    await playAll(sut, run?.id ?? "");
    await sut.quiet();
    await polled(issue);
    await sut.quiet();
    expect(await lastReason()).toBe("it was settled before");
    expect(await runsOf(issue)).toHaveLength(1);
  },
);

test("where all are missing the webhook's sender is asked about, and its moment names the cause", async () => {
  lose(404, ["events", "timeline", "repository"]);
  const issue = await labelled("ada");
  const [run] = await runsOf(issue);
  expect(run).toMatchObject({ triggeredBy: "ada" });
  await playAll(sut, run?.id ?? "");
  await sut.quiet();
  const { rows } = await sut.runtime.database.pool.query<{ payload: string }>(
    "SELECT payload FROM deliveries WHERE workflow_run_id = $1",
    [run?.id],
  );
  const body = JSON.parse(rows[0]?.payload ?? "") as object;
  await sut.deliver("issues", body); // The same body under another GUID.
  await sut.quiet();
  expect(await lastReason()).toBe("it was settled before");
  await polled(issue);
  await sut.quiet();
  expect(await lastReason()).toBe(
    "the server keeps no events that show who put it there",
  );
  expect(await runsOf(issue)).toHaveLength(1);
});

test("a webhook's sender who may not write starts nothing there", async () => {
  lose(404, ["events", "timeline", "repository"]);
  expect(await runsOf(await labelled("tri"))).toEqual([]);
  expect(await lastReason()).toContain("triage");
});

test("where all are empty for ever nothing begins, and the verdict says why", async () => {
  lose(200, ["events", "timeline", "repository"]);
  expect(await runsOf(await labelled("ada"))).toEqual([]);
  expect(await lastReason()).toBe(
    "the server's events of the issue do not show who put the label there",
  );
});

test("an issue that is gone is said to be gone", async () => {
  await sut.deliver(
    "issues",
    sut.about(4_711, "labeled", { label: { name: "adw" } }),
  );
  await sut.quiet();
  expect(await lastReason()).toBe("the issue is gone");
});
