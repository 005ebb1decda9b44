import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { RunEvent } from "@pullwright/domain";
import { until } from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";

// Two runs of one issue have ended, and by API the older one is at work again: it is the live run that people mean.

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration();
});
afterAll(() => sut.close());

const say = async (issue: number, body: string) => {
  sut.github.comment(repo, issue, body, "ada");
  await sut.quiet();
};
const runsOf = async (issue: number) =>
  (await sut.runs()).filter((run) => run.issueNumber === issue);
const byApi = async (id: string, event: RunEvent) => {
  const { stores } = sut.runtime;
  const answer = await stores.transitions.apply(id, {
    event,
    by: { actor: "api:ada" },
  });
  if (answer.kind !== "applied") throw new Error(answer.kind);
  await sut.runtime.announce(answer);
  await sut.quiet();
};
const cancel = (id: string) =>
  byApi(id, { type: "cancel_requested", by: "api:ada", reason: null });
const labelsOf = (issue: number) =>
  sut.github
    .getIssue(repo, issue)
    .labels.map((label) => (typeof label === "string" ? label : label.name))
    .filter((name) => name.startsWith("pullwright:"));
const answersTo = (issue: number) =>
  sut
    .ourComments(issue)
    .map(({ body }) => body)
    .filter((body) => body.includes("pullwright:reply:"));

async function anOlderRunRetried() {
  const issue = sut.issue();
  await say(issue, "/adw plan");
  const [older] = await runsOf(issue);
  if (older === undefined) throw new Error("no run was started");
  await cancel(older.id);
  await say(issue, "/adw plan");
  const newer = (await runsOf(issue)).find(({ id }) => id !== older.id);
  if (newer === undefined) throw new Error("no second run was started");
  await cancel(newer.id);
  await byApi(older.id, {
    type: "retry_requested",
    by: "api:ada",
    phase: null,
  });
  return { issue, older, newer };
}

test("/cancel reaches it, and so does the /retry after that", async () => {
  const { issue, older, newer } = await anOlderRunRetried();
  await say(issue, "/cancel");
  expect((await sut.run(older.id)).state.status).toBe("cancelled");
  expect(answersTo(issue)).toEqual([]);
  await say(issue, "/retry");
  expect((await sut.run(older.id)).state).toMatchObject({
    status: "pending",
    execution: 3,
  });
  expect((await sut.run(newer.id)).state.execution).toBe(1);
});

test("/status tells of it", async () => {
  const { issue, older } = await anOlderRunRetried();
  await say(issue, "/status");
  expect(answersTo(issue)).toEqual([
    expect.stringContaining(`Run \`${older.adwId}\` is **pending**`),
  ]);
});

test("it ends when the issue is closed", async () => {
  const { issue, older } = await anOlderRunRetried();
  sut.github.closeIssue(repo, issue, "ada");
  await sut.quiet();
  expect((await sut.run(older.id)).state.status).toBe("cancelled");
});

test("the issue's label is its own, also when it has ended", async () => {
  const { issue, older } = await anOlderRunRetried();
  await until(
    () => labelsOf(issue).join() === "pullwright:running",
    "the label says that a run is live",
  );
  await cancel(older.id);
  await until(
    () => labelsOf(issue).join() === "pullwright:cancelled",
    "the label says how it ended",
  );
});
