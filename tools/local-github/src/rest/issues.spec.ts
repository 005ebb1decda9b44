import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { at, REPO, startStage, statusOf, type Stage } from "../spec/stage.js";

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
  stage.github.createIssue({
    repo: REPO,
    title: "One",
    author: "octo",
    labels: ["ADW"],
  });
  await stage.github.commitFiles(
    REPO,
    "fix",
    { a: "a" },
    { author: "octo", message: "Fix" },
  );
  await stage.octokit.rest.pulls.create({
    ...at,
    title: "Two",
    head: "fix",
    base: "main",
    body: "Fixes #1",
  });
});

afterAll(() => stage.close());

const issues = () => stage.octokit.rest.issues;
const numbers = async (filter: object = {}) =>
  (await issues().listForRepo({ ...at, ...filter })).data.map(
    ({ number }) => number,
  );

test("a pull request is an issue too, with another id", async () => {
  const { data } = await issues().get({ ...at, issue_number: 2 });
  const { data: pull } = await stage.octokit.rest.pulls.get({
    ...at,
    pull_number: 2,
  });
  expect(data.pull_request).toMatchObject({ url: pull.url });
  expect(data.id).not.toBe(pull.id);
  expect(await numbers()).toEqual([2, 1]);
});

test("an issue is no pull request", async () => {
  expect(
    await statusOf(stage.octokit.rest.pulls.get({ ...at, pull_number: 1 })),
  ).toBe(404);
});

test("labels are found whatever their case, and all that are named have to be there", async () => {
  expect(await numbers({ labels: "adw" })).toEqual([1]);
  expect(await numbers({ labels: "adw,bug" })).toEqual([]);
});

test("`since` takes in the very second", async () => {
  const { data } = await issues().get({ ...at, issue_number: 1 });
  expect(await numbers({ since: data.updated_at })).toContain(1);
  const next = new Date(Date.parse(data.updated_at) + 60_000).toISOString();
  expect(await numbers({ since: next })).toEqual([]);
});

test("a comment moves the issue and is found by its own time", async () => {
  await sleep(1_100); // times have whole seconds
  const comment = stage.github.comment(REPO, 1, "Hello", "reader");
  const { data } = await issues().get({ ...at, issue_number: 1 });
  expect(data.updated_at).toBe(comment.updated_at);
  const { data: found } = await issues().listCommentsForRepo({
    ...at,
    since: comment.updated_at,
    sort: "updated",
    direction: "desc",
  });
  expect(found.map(({ id }) => id)).toEqual([comment.id]);
});

test("the feed of events is newest first, ids grow, and the actor is who did it", async () => {
  stage.github.addLabel(REPO, 1, "bug", "triager");
  stage.github.removeLabel(REPO, 1, "bug", "writer");
  stage.github.addLabel(REPO, 1, "bug", "octo");
  stage.github.closeIssue(REPO, 1, "octo");
  stage.github.reopenIssue(REPO, 1, "octo");
  const { data } = await issues().listEventsForRepo(at);
  expect(
    data.slice(0, 5).map(({ event, actor }) => [event, actor?.login]),
  ).toEqual([
    ["reopened", "octo"],
    ["closed", "octo"],
    ["labeled", "octo"],
    ["unlabeled", "writer"],
    ["labeled", "triager"],
  ]);
  const ids = data.map(({ id }) => id);
  expect(ids).toEqual([...ids].sort((a, b) => b - a));
});

test("a label that is there already makes no second event", async () => {
  const count = async () =>
    (await issues().listEvents({ ...at, issue_number: 1, per_page: 100 })).data
      .length;
  const before = await count();
  await issues().addLabels({ ...at, issue_number: 1, labels: ["bug", "BUG"] });
  expect(await count()).toBe(before);
});

test("a label that is not there cannot be taken off", async () => {
  expect(
    await statusOf(
      issues().removeLabel({ ...at, issue_number: 1, name: "nope" }),
    ),
  ).toBe(404);
});

test("the timeline holds comments and mentions that the events do not", async () => {
  const { data: timeline } = await issues().listEventsForTimeline({
    ...at,
    issue_number: 1,
  });
  const { data: events } = await issues().listEvents({
    ...at,
    issue_number: 1,
  });
  expect(timeline.map(({ event }) => event)).toEqual(
    expect.arrayContaining(["commented", "cross-referenced", "labeled"]),
  );
  expect(events.map(({ event }) => event)).not.toContain("cross-referenced");
});

test("what is wrong in a body is a 422 that names it, and what is no JSON a 400", async () => {
  await expect(
    stage.octokit.request("POST /repos/octo/sample/issues", { title: 5 }),
  ).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining("title"),
  });
  const headers = { authorization: `Bearer ${stage.token}` };
  const broken = await fetch(
    `${stage.github.apiUrl}/repos/octo/sample/issues`,
    { method: "POST", headers, body: "{" },
  );
  expect(broken.status).toBe(400);
});

test("an empty or too long comment is refused", async () => {
  const say = (body: string) =>
    statusOf(issues().createComment({ ...at, issue_number: 1, body }));
  expect([
    await say(" "),
    await say("x".repeat(65_537)),
    await say("x".repeat(65_536)),
  ]).toEqual([422, 422, 201]);
});

test("the same reaction twice is one", async () => {
  const comment = stage.github.comment(REPO, 1, "React", "reader");
  const react = () =>
    stage.octokit.rest.reactions.createForIssueComment({
      ...at,
      comment_id: comment.id,
      content: "eyes",
    });
  const [first, second] = [await react(), await react()];
  expect([first.status, second.status, second.data.id]).toEqual([
    201,
    200,
    first.data.id,
  ]);
});

test("an issue names the issues that block it, open and closed", async () => {
  const [blocked, blocker] = ["Blocked", "Blocker"].map((title) =>
    stage.github.createIssue({ repo: REPO, title, author: "octo" }),
  );
  if (blocked === undefined || blocker === undefined)
    throw new Error("no issues");
  stage.github.blockIssue(REPO, blocked.number, blocker.number);
  const listed = async () =>
    (
      await issues().listDependenciesBlockedBy({
        ...at,
        issue_number: blocked.number,
      })
    ).data.map(({ number, state }) => ({ number, state }));
  expect(await listed()).toEqual([{ number: blocker.number, state: "open" }]);
  stage.github.closeIssue(REPO, blocker.number, "octo");
  expect(await listed()).toEqual([{ number: blocker.number, state: "closed" }]);
});

test.each([
  ["blank", " ".repeat(3), "missing_field"],
  ["too long", "x".repeat(257), "custom"],
])("a title that is %s is refused", async (_what, title, code) => {
  const refusal = { status: 422, response: { data: { errors: [{ code }] } } };
  const { issues } = stage.octokit.rest;
  await expect(issues.create({ ...at, title })).rejects.toMatchObject(refusal);
  const { data } = await issues.create({ ...at, title: "Good" });
  await expect(
    issues.update({ ...at, issue_number: data.number, title }),
  ).rejects.toMatchObject(refusal);
});
