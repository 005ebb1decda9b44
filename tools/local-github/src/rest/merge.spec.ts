import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { at, REPO, startStage, statusOf, type Stage } from "../spec/stage.js";

let stage: Stage;

beforeEach(async () => {
  stage = await startStage();
  stage.github.createIssue({
    repo: REPO,
    title: "sum subtracts",
    author: "reader",
  });
  await stage.github.commitFiles(
    REPO,
    "fix",
    { "src/sum.js": "export const sum = (a, b) => a + b;\n" },
    { author: "writer", message: "Fix" },
  );
  await stage.octokit.rest.pulls.create({
    ...at,
    title: "Fix",
    head: "fix",
    base: "main",
    body: "Fixes #1",
  });
});

afterEach(() => stage.close());

const on = { ...at, pull_number: 2 };
const merge = (change: object = {}) =>
  stage.octokit.rest.pulls.merge({ ...on, ...change });
const get = async () => (await stage.octokit.rest.pulls.get(on)).data;

test("a merge puts the head under the base branch and closes what it fixes", async () => {
  const before = await get();
  const { data } = await merge();
  expect(await stage.github.readFile(REPO, "main", "src/sum.js")).toContain(
    "a + b",
  );
  expect(
    (await stage.octokit.rest.repos.getCommit({ ...at, ref: "main" })).data,
  ).toMatchObject({ sha: data.sha, parents: [{}, { sha: before.head.sha }] });
  expect(await get()).toMatchObject({
    state: "closed",
    merged: true,
    merge_commit_sha: data.sha,
    merged_by: { login: "octo" },
    commits: 1,
    changed_files: 1,
  });
  expect(stage.github.getIssue(REPO, 1)).toMatchObject({
    state: "closed",
    closed_by: { login: "octo" },
  });
  expect(stage.github.listEvents(REPO, 2).map(({ event }) => event)).toEqual(
    expect.arrayContaining(["merged", "closed"]),
  );
});

test("a squash is one commit on the base", async () => {
  const sha = await stage.github.mergePull(REPO, 2, "writer", "squash");
  const [commit] = await stage.github.log(REPO, "main");
  expect(commit).toMatchObject({ sha, message: "Fix (#2)\n\nFixes #1" });
  expect(
    (await stage.octokit.rest.repos.getCommit({ ...at, ref: sha })).data
      .parents,
  ).toHaveLength(1);
});

test("a head that has moved is a 409", async () => {
  const { head } = await get();
  await stage.github.commitFiles(
    REPO,
    "fix",
    { b: "b" },
    { author: "writer", message: "More" },
  );
  expect(await statusOf(merge({ sha: head.sha }))).toBe(409);
  expect((await get()).merged).toBe(false);
});

test("a draft, a closed pull request and a rebase are 405s", async () => {
  expect(await statusOf(merge({ merge_method: "rebase" }))).toBe(405);
  await stage.octokit.graphql(
    "mutation($id: ID!) { convertPullRequestToDraft(input: { pullRequestId: $id }) { clientMutationId } }",
    { id: (await get()).node_id },
  );
  expect(await statusOf(merge())).toBe(405);
  await stage.octokit.rest.pulls.update({ ...on, state: "closed" });
  expect(await statusOf(merge())).toBe(405);
});

test("what conflicts is not merged", async () => {
  await stage.github.commitFiles(
    REPO,
    "main",
    { "src/sum.js": "// elsewhere\n" },
    { author: "octo", message: "Conflict" },
  );
  expect(await statusOf(merge())).toBe(405);
  expect(await stage.github.readFile(REPO, "main", "src/sum.js")).toBe(
    "// elsewhere\n",
  );
});

test("a second merge changes nothing", async () => {
  const { data } = await merge();
  expect(await statusOf(merge())).toBe(405);
  expect((await stage.github.branches(REPO)).get("main")).toBe(data.sha);
});
