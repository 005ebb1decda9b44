import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { startScriptedGitHub } from "../__fixtures__/scripted-github.js";
import { json, type ScriptedServer } from "../__fixtures__/scripted-server.js";
import type { GitHub } from "../github.js";
import type { Lack } from "../transport/door.js";

// Pullwright works with any server that speaks the REST API; such servers give less than GitHub does.
const demo = { owner: "octo", name: "demo" };
const user = { id: 3, login: "octo" };
let server: ScriptedServer;
let github: GitHub;
let lacks: readonly Lack[];

beforeEach(async () => {
  ({ server, github, lacks } = await startScriptedGitHub());
});
afterEach(() => server.close());

const pull = (draft: boolean) => ({
  id: 1,
  number: 2,
  title: "Mend it",
  state: "open",
  draft,
  user,
  head: { ref: "fix", sha: "abc" },
  base: { ref: "main" },
});

test("what is not needed may be missing", async () => {
  server.handle = (request, response) =>
    request.url === "/repos/octo/demo"
      ? json(response, 200, {
          id: 9,
          full_name: "octo/demo",
          default_branch: "main",
        })
      : json(response, 200, {
          id: 1,
          number: 7,
          title: "A bug",
          body: null,
          state: "open",
          user,
          labels: ["bug"],
          created_at: "2026-01-01T00:00:00Z",
          updated_at: "2026-01-01T00:00:00Z",
        });
  expect(await github.repositories.get(demo)).toMatchObject({
    id: 9,
    isPrivate: false,
  });
  expect(await github.issues.get(demo, 7)).toMatchObject({
    number: 7,
    body: "",
    labels: ["bug"],
    author: { ...user, type: "User" },
  });
});

test("without GraphQL a pull request becomes ready by REST, where the server can do that", async () => {
  server.handle = (request, response) =>
    request.method === "PATCH"
      ? json(response, 200, pull(false))
      : json(response, 404, { message: "Not Found" });
  await expect(
    github.pulls.markReady(demo, { number: 2, nodeId: "" }),
  ).resolves.toBe("done");
  await expect(
    github.pulls.markReady(demo, { number: 2, nodeId: "PR_1" }),
  ).resolves.toBe("done");
  expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    "PATCH /repos/octo/demo/pulls/2",
    "POST /graphql",
    "PATCH /repos/octo/demo/pulls/2",
  ]);
});

const nothingThere = { message: "Not Found" };
const lacking: readonly [string, number, object][] = [
  ["is missing", 404, nothingThere],
  ["is not implemented", 501, nothingThere],
  ["takes no queries", 400, nothingThere],
  ["knows no such mutation", 200, { data: null, errors: [{ type: "undefinedField", message: "Field 'markPullRequestReadyForReview' doesn't exist on type 'Mutation'" }] }],
  ["says that it is not implemented", 200, { errors: [{ message: "not implemented" }] }],
  ["speaks of an unknown mutation", 200, { errors: [{ message: "Unknown mutation" }] }],
  ["does not know the id", 200, { data: null, errors: [{ type: "NOT_FOUND", message: "Could not resolve to a node" }] }],
  ["answers nothing", 200, {}],
  ["answers without data", 200, { data: null }],
  ["answers null", 200, { data: { markPullRequestReadyForReview: null } }],
  ["answers that nothing changed", 200, { data: { markPullRequestReadyForReview: { pullRequest: { isDraft: true } } } }],
]; // prettier-ignore

describe.each(lacking)("where GraphQL %s", (_what, status, body) => {
  const markReady = (rest: number, patched: object) => {
    server.handle = (request, response) =>
      request.method === "PATCH"
        ? json(response, rest, patched)
        : json(response, status, body);
    return github.pulls.markReady(demo, { number: 2, nodeId: "PR_1" });
  };

  test("REST makes a pull request ready", async () => {
    await expect(markReady(200, pull(false))).resolves.toBe("done");
    expect(server.seen).toHaveLength(2);
  });

  test.each<[string, number, object]>([
    ["ignores that", 200, pull(true)],
    ["does not take it", 404, nothingThere],
    ["refuses it", 422, nothingThere],
    ["does not implement it", 501, nothingThere],
  ])("it stays a draft, without an error, where REST %s", async (_rest, ...answer) => {
    await expect(markReady(...answer)).resolves.toBe("unsupported");
  }); // prettier-ignore

  test.each([
    [403, "forbidden"],
    [500, "unavailable"],
  ] as const)("REST's %s is an error", async (rest, fault) => {
    await expect(markReady(rest, nothingThere)).rejects.toMatchObject({
      fault,
    });
  });
});

test("a label that cannot be made is put on the issue all the same", async () => {
  server.handle = (request, response) => {
    if (request.url.startsWith("/repos/octo/demo/issues/7/labels"))
      json(response, 200, []);
    else json(response, 404, { message: "Not Found" });
  };
  await github.labels.setStatus(demo, 7, [
    { name: "pullwright:running", color: "1d76db", description: "Runs" },
  ]);
  expect(server.seen.at(-1)).toMatchObject({
    method: "POST",
    url: "/repos/octo/demo/issues/7/labels",
    body: { labels: ["pullwright:running"] },
  });
});

describe("a permission", () => {
  test.each([
    ["write", "read", "read"],
    ["write", "none", "none"],
    ["read", "admin", "read"],
    ["read", "maintain", "read"],
    ["none", "triage", "none"],
    ["unheard of", "admin", "none"],
    ["read", "security-lead", "read"],
    ["write", "security-lead", "write"],
    ["write", undefined, "write"],
    // GitHub's own words for its five roles.
    ["read", "triage", "triage"],
    ["write", "maintain", "maintain"],
    ["admin", "admin", "admin"],
  ])("told as %s by the role %s is %s", async (permission, role, level) => {
    server.handle = (_request, response) =>
      json(response, 200, { permission, role_name: role, user });
    await expect(github.permissions.of(demo, user)).resolves.toBe(level);
  });
});

describe("a comment whose address", () => {
  const comment = (id: number, issue_url?: string) => ({
    id,
    body: "/adw",
    user,
    created_at: "2026-01-01T00:00:00Z",
    updated_at: "2026-01-01T00:00:00Z",
    issue_url,
  });
  const ofIssue = (number: number) =>
    `${server.url}/repos/octo/demo/issues/${number.toString()}`;

  test.each([
    ["is missing", () => undefined],
    ["is empty", () => ""],
    ["names issue 0", () => ofIssue(0)],
  ])("%s is of no issue, which is said by name; the others are read", async (_what, address) => {
    server.handle = (_request, response) =>
      json(response, 200, [
        comment(1, ofIssue(7)),
        comment(2, address()),
        comment(3, ofIssue(8)),
      ]);
    const since = "2026-01-01T00:00:00Z";
    await expect(
      github.feeds.comments(demo, { etag: undefined, since }),
    ).resolves.toMatchObject({
      entries: [{ issueNumber: 7 }, { issueNumber: null }, { issueNumber: 8 }],
    });
    expect(lacks).toMatchObject([
      {
        what: "which issue a comment belongs to",
        repository: demo,
        error: { message: expect.stringContaining("comment 2") },
      },
    ]);
  }); // prettier-ignore
});

describe("a list of all issues' events", () => {
  const question = { etag: undefined, sinceId: undefined, since: new Date() };

  test.each([404, 410, 501])("may be missing (%s), which is said", async (status) => {
    server.handle = (_request, response) => json(response, status, nothingThere);
    await expect(
      github.feeds.issueEvents(demo, question),
    ).resolves.toEqual({ kind: "not_offered" });
    expect(lacks).toMatchObject([{ repository: demo, error: { status } }]);
  }); // prettier-ignore

  test.each([
    [401, "unauthorized"],
    [403, "forbidden"],
    [429, "rate_limited"],
    [503, "unavailable"],
  ])("is not taken for missing where it is refused by %s", async (status, fault) => {
    server.handle = (_request, response) => json(response, status, {});
    await expect(
      github.feeds.issueEvents(demo, question),
    ).rejects.toMatchObject({ fault });
    expect(lacks).toEqual([]);
  }); // prettier-ignore
});
