import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startScriptedGitHub } from "../__fixtures__/scripted-github.js";
import { json, type ScriptedServer } from "../__fixtures__/scripted-server.js";
import type { GitHub } from "../github.js";
import type { Lack } from "../transport/door.js";

const demo = { owner: "octo", name: "demo" };
let server: ScriptedServer;
let github: GitHub;

let lacks: readonly Lack[];

beforeEach(async () => {
  ({ server, github, lacks } = await startScriptedGitHub());
});
afterEach(() => server.close());

const blocker = (number: number, state = "closed") => ({
  number,
  state,
  repository_url: `${server.url}/repos/octo/other`,
});

/** Blockers 1 to `count`, a page at a time; only the last one is open. */
function serveBlockers(count: number): void {
  server.handle = ({ url }, response) => {
    const query = new URL(url, server.url).searchParams;
    const [page, size] = ["page", "per_page"].map((name) =>
      Number(query.get(name)),
    ) as [number, number]; // Two names, two numbers.
    const numbers = Array.from(
      { length: size },
      (_, n) => (page - 1) * size + n + 1,
    );
    json(
      response,
      200,
      numbers
        .filter((number) => number <= count)
        .map((number) => blocker(number, number === count ? "open" : "closed")),
    );
  };
}

test("one page is asked for where it holds all blockers", async () => {
  serveBlockers(99);
  expect(await github.issues.openBlockers(demo, 7)).toEqual(["octo/other#99"]);
  expect(server.seen).toHaveLength(1);
});

test("a blocker on a later page blocks as well", async () => {
  serveBlockers(250);
  expect(await github.issues.openBlockers(demo, 7)).toEqual(["octo/other#250"]);
  expect(server.seen).toHaveLength(3);
});

test("a list without an end is read to a bound", async () => {
  server.handle = (_request, response) =>
    json(
      response,
      200,
      Array.from({ length: 100 }, (_, n) => blocker(n + 1)),
    );
  expect(await github.issues.openBlockers(demo, 7)).toEqual([]);
  expect(server.seen).toHaveLength(10);
});

test("a server that knows no dependencies has no blockers", async () => {
  expect(await github.issues.openBlockers(demo, 7)).toEqual([]);
  expect(server.seen).toHaveLength(1);
});

test.each([404, 410])("that the server says by %s as well", async (status) => {
  server.handle = (_request, response) => json(response, status, {});
  expect(await github.issues.openBlockers(demo, 7)).toEqual([]);
  expect(lacks).toEqual([]);
});

test.each([400, 403, 405, 422, 501])(
  "a server that refuses to tell by %s tells none, and that is said",
  async (status) => {
    server.handle = (_request, response) =>
      json(response, status, { message: "No" });
    expect(await github.issues.openBlockers(demo, 7)).toBeNull();
    expect(lacks).toMatchObject([
      { repository: demo, error: { status }, what: expect.any(String) },
    ]);
  },
);

test.each([
  [401, {}, "unauthorized"],
  [403, { "retry-after": "30" }, "rate_limited"],
  [429, {}, "rate_limited"],
  [500, {}, "unavailable"],
] as const)("what passes is asked again: %s %j", async (status, headers, fault) => {
  server.handle = (_request, response) => json(response, status, {}, headers);
  await expect(github.issues.openBlockers(demo, 7)).rejects.toMatchObject({ fault });
  expect(lacks).toEqual([]);
}); // prettier-ignore
