import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  json,
  startScriptedServer,
  type ScriptedServer,
} from "../__fixtures__/scripted-server.js";
import { createGitHub, type GitHub } from "../github.js";

const repository = { owner: "octo", name: "demo" };
let server: ScriptedServer;
let github: GitHub;

beforeEach(async () => {
  server = await startScriptedServer();
  github = createGitHub({
    apiUrl: server.url,
    graphqlUrl: `${server.url}/graphql`,
    serverUrl: server.url,
    credentials: { kind: "token", token: "a-token-of-some-length" },
  });
});
afterEach(() => server.close());

/** Answers every question about a right with this status. */
const answer = (
  status: number,
  headers: Record<string, string> = {},
  scopes?: string,
) => {
  server.handle = ({ method }, response) =>
    method === "GET"
      ? json(
          response,
          200,
          { id: 3, login: "octo" },
          scopes === undefined ? {} : { "x-oauth-scopes": scopes },
        )
      : json(response, status, { message: "So it is" }, headers);
};
const read = () =>
  github.writeRights({ repository, isPrivate: true, rights: ["issues"] });

test.each([
  [422, "held"],
  [403, "missing"],
  [404, "unknown"],
  [409, "unknown"],
  [410, "unknown"],
  [503, "unknown"],
  [201, "unknown"], // It cannot be.
])(
  "an answer of %i to what cannot be done means that the right is %s",
  async (status, verdict) => {
    answer(status);
    expect(await read()).toMatchObject({
      toldBy: "answers",
      readings: [{ right: "issues", verdict }],
    });
  },
);

test("a rate limit says nothing of rights", async () => {
  answer(403, { "retry-after": "60" });
  expect((await read()).readings).toMatchObject([{ verdict: "unknown" }]);
});

test("a token that tells no scopes is asked; one that does is not", async () => {
  answer(422, {}, "");
  expect((await read()).toldBy).toBe("answers");
  answer(422, {}, "read:user, repo");
  server.seen.length = 0;
  expect(await read()).toEqual({
    toldBy: "scopes",
    scopes: ["read:user", "repo"],
    readings: [{ right: "issues", verdict: "held" }],
  });
  expect(server.seen.map(({ method }) => method)).toEqual(["GET"]);
});

test("a token that may not ask who it belongs to, as that of GitHub Actions, is asked", async () => {
  server.handle = ({ method }, response) =>
    method === "GET"
      ? json(response, 403, { message: "Resource not accessible" })
      : json(response, 422, { message: "So it is" });
  expect(await read()).toEqual({
    toldBy: "answers",
    scopes: [],
    readings: [{ right: "issues", verdict: "held" }],
  });
});

test("what is asked could not be done by anybody", async () => {
  answer(422);
  await github.writeRights({
    repository,
    isPrivate: true,
    rights: ["contents", "issues", "pull_requests", "statuses", "checks"],
  });
  const asked = server.seen.filter(({ method }) => method !== "GET");
  const none = "0".repeat(40);
  expect(asked.map(({ url, body }) => [url, body])).toEqual([
    [
      "/repos/octo/demo/git/refs",
      { ref: expect.stringContaining(" "), sha: none },
    ],
    ["/repos/octo/demo/issues", { title: expect.stringMatching(/^ {257,}$/) }],
    [
      "/repos/octo/demo/pulls",
      {
        title: expect.stringMatching(/^ +$/),
        head: expect.stringContaining(" "),
        base: expect.stringContaining(" "),
      },
    ],
    [`/repos/octo/demo/statuses/${none}`, { state: "error" }],
    [
      "/repos/octo/demo/check-runs",
      { name: expect.stringMatching(/^ +$/), head_sha: none },
    ],
  ]);
});
