import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  appJwt,
  at,
  REPO,
  startStage,
  statusOf,
  type Stage,
} from "../spec/stage.js";

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
  await stage.github.commitFiles(
    REPO,
    "fix",
    { "src/sum.js": "export const sum = (a, b) => a + b;\n" },
    { author: "writer", message: "Fix" },
  );
});

afterAll(() => stage.close());

const create = (change: object = {}) =>
  stage.octokit.rest.pulls.create({
    ...at,
    title: "Fix",
    head: "fix",
    base: "main",
    draft: true,
    ...change,
  });
const get = async (number = 1) =>
  (await stage.octokit.rest.pulls.get({ ...at, pull_number: number })).data;

async function settledMergeable(number = 1): Promise<boolean | null> {
  for (let tries = 0; tries < 100; tries += 1) {
    const { mergeable } = await get(number);
    if (mergeable !== null) return mergeable;
    await sleep(20);
  }
  return null;
}

test.each([
  ["a head that is not there", { head: "nope" }, "head"],
  ["a head in a fork that is not there", { head: "stranger:fix" }, "head"],
  ["a base that is not there", { base: "nope" }, "base"],
  ["no commits between", { head: "main" }, "No commits between"],
])("%s is a 422", async (_, change, word) => {
  await expect(create(change)).rejects.toMatchObject({
    status: 422,
    message: expect.stringContaining(word),
  });
});

test("of two that are asked for at once, one is made and one refused", async () => {
  const statuses = await Promise.all([
    statusOf(create()),
    statusOf(create({ head: "octo:fix" })),
  ]);
  expect(statuses.sort()).toEqual([201, 422]);
  expect(stage.github.listPulls(REPO)).toHaveLength(1);
});

test("a pull request is found by the owner and branch of its head", async () => {
  const list = async (filter: object) =>
    (await stage.octokit.rest.pulls.list({ ...at, ...filter })).data.length;
  expect(await list({ head: "octo:fix" })).toBe(1);
  expect(await list({ head: "octo:other" })).toBe(0);
  expect(await list({ base: "other" })).toBe(0);
  expect(await list({ state: "closed" })).toBe(0);
});

test("whether it merges is unknown at first and again after every push", async () => {
  await stage.github.commitFiles(
    REPO,
    "fix",
    { b: "b" },
    { author: "writer", message: "More" },
  );
  expect(await get()).toMatchObject({
    mergeable: null,
    mergeable_state: "unknown",
  });
  expect(await settledMergeable()).toBe(true);
  await stage.github.commitFiles(
    REPO,
    "main",
    { "src/sum.js": "// elsewhere\n" },
    { author: "octo", message: "Conflict" },
  );
  expect((await get()).mergeable).toBeNull();
  expect(await settledMergeable()).toBe(false);
  expect((await get()).mergeable_state).toBe("dirty");
});

test("REST leaves a draft a draft; GraphQL makes it ready", async () => {
  await stage.octokit.request("PATCH /repos/octo/sample/pulls/1", {
    draft: false,
  });
  const { draft, node_id } = await get();
  expect(draft).toBe(true);
  const ready =
    "mutation($id: ID!) { markPullRequestReadyForReview(input: { pullRequestId: $id }) { pullRequest { isDraft } } }";
  await expect(
    stage.of("reader").graphql(ready, { id: node_id }),
  ).rejects.toMatchObject({ errors: [{ type: "FORBIDDEN" }] });
  expect(await stage.octokit.graphql(ready, { id: node_id })).toEqual({
    markPullRequestReadyForReview: { pullRequest: { isDraft: false } },
  });
  expect((await get()).draft).toBe(false);
});

test("an App changes the draft state with the right to write both pull requests and contents", async () => {
  const app = stage.github.createApp({
    name: "Drafter",
    owner: "octo",
    permissions: { contents: "write", pull_requests: "write" },
  });
  const { installationId: installation_id } = stage.github.installApp({
    appId: app.appId,
    repositories: [REPO],
  });
  const { node_id } = await get();
  const convert = async (permissions: Record<string, "read" | "write">) => {
    const { data } = await stage
      .as(appJwt(app.appId, app.privateKey))
      .rest.apps.createInstallationAccessToken({
        installation_id,
        permissions,
      });
    return stage
      .as(data.token)
      .graphql(
        "mutation($id: ID!) { convertPullRequestToDraft(input: { pullRequestId: $id }) { pullRequest { isDraft } } }",
        { id: node_id },
      );
  };
  const refused = [
    {
      type: "FORBIDDEN",
      message: "Resource not accessible by integration",
    },
  ];
  await expect(
    convert({ contents: "read", pull_requests: "write" }),
  ).rejects.toMatchObject({ errors: refused });
  await expect(
    convert({ contents: "write", pull_requests: "read" }),
  ).rejects.toMatchObject({ errors: refused });
  expect((await get()).draft).toBe(false);
  await convert({ contents: "write", pull_requests: "write" });
  expect((await get()).draft).toBe(true);
});

test("GraphQL refuses what its schema has not, and finds nothing for a stranger", async () => {
  await expect(stage.octokit.graphql("{ viewer { nick } }")).rejects.toThrow(
    "Cannot query field",
  );
  const { node_id } = await get();
  const look = stage
    .of("stranger")
    .graphql("query($id: ID!) { node(id: $id) { id } }", { id: node_id });
  await expect(look).rejects.toMatchObject({ errors: [{ type: "NOT_FOUND" }] });
});

test("nobody approves their own, and a review takes the reviewer off the list of those asked", async () => {
  const on = { ...at, pull_number: 1 };
  expect(
    await statusOf(
      stage.octokit.rest.pulls.createReview({ ...on, event: "APPROVE" }),
    ),
  ).toBe(422);
  await stage.octokit.rest.pulls.requestReviewers({
    ...on,
    reviewers: ["writer"],
  });
  await stage.of("writer").rest.pulls.createReview({ ...on, event: "APPROVE" });
  expect((await get()).requested_reviewers).toEqual([]);
});

test("files are those of the three-dot comparison, with patches", async () => {
  const { data } = await stage.octokit.rest.pulls.listFiles({
    ...at,
    pull_number: 1,
  });
  expect(
    data.map(({ filename, status, additions, deletions }) => [
      filename,
      status,
      additions,
      deletions,
    ]),
  ).toEqual([
    ["b", "added", 1, 0],
    ["src/sum.js", "modified", 1, 1],
  ]);
  expect(data[1]?.patch).toBe(
    "@@ -1 +1 @@\n-export const sum = (a, b) => a - b;\n+export const sum = (a, b) => a + b;",
  );
});

test("a closed pull request leaves room for another from the same branch", async () => {
  await stage.octokit.rest.pulls.update({
    ...at,
    pull_number: 1,
    state: "closed",
  });
  expect((await create()).data.number).toBe(2);
});

test("a ref moves forward, and otherwise only by force", async () => {
  const old = (await stage.github.log(REPO, "fix"))[1]?.sha ?? "";
  const move = (force: boolean) =>
    statusOf(
      stage.octokit.rest.git.updateRef({
        ...at,
        ref: "heads/fix",
        sha: old,
        force,
      }),
    );
  expect([await move(false), await move(true)]).toEqual([422, 200]);
  expect((await get(2)).head.sha).toBe(old);
});
