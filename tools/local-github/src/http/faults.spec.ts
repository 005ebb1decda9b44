import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { checkRequests } from "../index.js";
import { at, REPO, startStage, statusOf, type Stage } from "../spec/stage.js";

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
  stage.github.createIssue({ repo: REPO, title: "One", author: "octo" });
});

afterEach(() => stage.github.faults.clear());
afterAll(() => stage.close());

const comment = (signal?: AbortSignal) =>
  stage.octokit.rest.issues.createComment({
    ...at,
    issue_number: 1,
    body: "Hello",
    ...(signal ? { request: { signal } } : {}),
  });
const comments = () => stage.github.listComments(REPO, 1).length;
const get = (path: string) =>
  fetch(`${stage.github.apiUrl}${path}`, {
    headers: { authorization: `Bearer ${stage.token}` },
  });

test("a status answers in place of the endpoint, as often as asked", async () => {
  const before = comments();
  stage.github.faults.add({
    kind: "status",
    status: 502,
    match: { method: "POST", path: "/repos/octo/sample/issues" },
    times: 2,
  });
  expect([
    await statusOf(comment()),
    await statusOf(comment()),
    await statusOf(comment()),
  ]).toEqual([502, 502, 201]);
  expect(comments()).toBe(before + 1);
});

test("a status answers what it is given", async () => {
  const body = { errors: [{ message: "not implemented" }] };
  stage.github.faults.add({ kind: "status", status: 200, body });
  const answer = await get("/repos/octo/sample");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(body);
});

test("a fault strikes only what it matches", async () => {
  stage.github.faults.add({ kind: "status", match: { path: /\/labels$/ } });
  expect((await get("/repos/octo/sample/labels")).status).toBe(500);
  expect((await get("/repos/octo/sample")).status).toBe(200);
});

test("a reset does nothing; a reset after handling does everything and tells nobody", async () => {
  const before = comments();
  stage.github.faults.add({ kind: "reset", times: 1 });
  await expect(comment()).rejects.toThrow();
  expect(comments()).toBe(before);
  stage.github.faults.add({ kind: "reset_after_handling", times: 1 });
  await expect(comment()).rejects.toThrow();
  expect(comments()).toBe(before + 1);
  expect(stage.github.requests().at(-1)).toMatchObject({
    status: 0,
    fault: "reset_after_handling",
  });
});

test("what a fault strikes is in the journal as it was asked, and is held to GitHub's schemas", async () => {
  stage.github.clearRequests();
  stage.github.faults.add({ kind: "reset" });
  await expect(comment()).rejects.toThrow();
  expect(stage.github.requests()).toMatchObject([
    { status: 0, fault: "reset", body: { body: "Hello" } },
  ]);
  expect(checkRequests(stage.github.requests())).toEqual([]);
});

test("a truncated answer ends amid its JSON", async () => {
  stage.github.faults.add({ kind: "truncate", times: 1 });
  const response = await get("/repos/octo/sample");
  await expect(response.text()).rejects.toThrow();
});

test("a stalled request goes on when the wait is over, unless the client has gone", async () => {
  const before = comments();
  stage.github.faults.add({ kind: "stall", stallMs: 300, times: 2 });
  await expect(comment(AbortSignal.timeout(50))).rejects.toThrow();
  expect(await statusOf(comment())).toBe(201);
  expect(comments()).toBe(before + 1);
});

test("a primary limit says when it ends, a secondary one how long to wait", async () => {
  stage.github.faults.add({
    kind: "rate_limit_primary",
    retryAfterSeconds: 30,
    times: 1,
  });
  const primary = await get("/");
  expect([
    primary.status,
    primary.headers.get("x-ratelimit-remaining"),
  ]).toEqual([403, "0"]);
  const waitSeconds =
    Number(primary.headers.get("x-ratelimit-reset")) - Date.now() / 1_000;
  expect(waitSeconds).toBeGreaterThan(28);
  expect(waitSeconds).toBeLessThan(32);
  stage.github.faults.add({
    kind: "rate_limit_secondary",
    status: 429,
    retryAfterSeconds: 7,
    times: 1,
  });
  const secondary = await get("/");
  expect([secondary.status, secondary.headers.get("retry-after")]).toEqual([
    429,
    "7",
  ]);
});

test("GraphQL's secondary limit may come with status 200 and an error", async () => {
  stage.github.faults.add({
    kind: "rate_limit_secondary",
    status: 200,
    retryAfterSeconds: 7,
    times: 1,
  });
  const answer = await fetch(stage.github.graphqlUrl, { method: "POST" });
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([
    200,
    "7",
  ]);
  expect(await answer.json()).toEqual({
    errors: [{ message: expect.stringContaining("secondary rate limit") }],
  });
});

test("a probability strikes now and then", async () => {
  stage.github.faults.add({ kind: "status", probability: 0.5 });
  const statuses = await Promise.all(
    Array.from({ length: 60 }, async () => (await get("/")).status),
  );
  expect(new Set(statuses)).toEqual(new Set([200, 500]));
});

test("closing ends a request that is stalled", async () => {
  const other = await startStage();
  other.github.faults.add({ kind: "stall", stallMs: 60_000 });
  const stalled = fetch(`${other.github.apiUrl}/`).then(
    () => "answered",
    () => "cut",
  );
  while (other.github.requests().length === 0)
    await new Promise((resolve) => setTimeout(resolve, 5));
  await other.close();
  expect(await stalled).toBe("cut");
});
