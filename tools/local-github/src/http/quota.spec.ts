import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { at, REPO, startStage, type Stage } from "../spec/stage.js";

let stage: Stage;

beforeAll(async () => {
  stage = await startStage({ rateLimit: 20 });
});

afterAll(() => stage.close());

let get: (path: string, headers?: Record<string, string>) => Promise<Response>;

beforeEach(() => {
  const login = `user-${Math.random().toString(36).slice(2)}`;
  stage.github.addUser({ login });
  stage.github.setCollaborator(REPO, login, "read");
  const authorization = `Bearer ${stage.github.createToken({ user: login })}`;
  get = (path, headers = {}) =>
    fetch(`${stage.github.apiUrl}${path}`, {
      headers: { authorization, ...headers },
    });
});

const remaining = (response: Response) =>
  Number(response.headers.get("x-ratelimit-remaining"));
const repository = `/repos/${at.owner}/${at.repo}`;

test("every answer tells the quota, and looking at it costs nothing", async () => {
  const first = await get(repository);
  expect(first.headers.get("x-ratelimit-limit")).toBe("20");
  expect(Number(first.headers.get("x-ratelimit-reset"))).toBeGreaterThan(
    Date.now() / 1_000,
  );
  expect(remaining(await get("/rate_limit"))).toBe(19);
  expect(remaining(await get("/rate_limit"))).toBe(19);
});

test("not modified is a 304 without a body that costs nothing", async () => {
  const first = await get(repository);
  const etag = first.headers.get("etag") ?? "";
  const second = await get(repository, { "if-none-match": etag });
  expect([second.status, await second.text(), remaining(second)]).toEqual([
    304,
    "",
    remaining(first),
  ]);
});

test("what has changed has another ETag", async () => {
  const etag = (await get(`${repository}/issues`)).headers.get("etag") ?? "";
  stage.github.createIssue({ repo: REPO, title: "New", author: "octo" });
  expect(
    (await get(`${repository}/issues`, { "if-none-match": etag })).status,
  ).toBe(200);
});

test("with the quota used up everything is a 403 that says when it ends", async () => {
  for (let count = 0; count < 20; count += 1) await get("/");
  const refused = await get("/");
  expect([refused.status, remaining(refused)]).toEqual([403, 0]);
  expect(await refused.json()).toMatchObject({
    message: expect.stringContaining("API rate limit exceeded"),
  });
});

test("a list is paged by Link headers, at most a hundred to a page", async () => {
  for (let count = 0; count < 5; count += 1)
    stage.github.createIssue({
      repo: REPO,
      title: `Issue ${count}`,
      author: "octo",
    });
  const page = await get(`${repository}/issues?per_page=2&page=2&state=all`);
  expect(await page.json()).toHaveLength(2);
  const link = page.headers.get("link") ?? "";
  expect(
    [...link.matchAll(/[?&]page=(\d+)[^>]*>; rel="(\w+)"/g)].map(
      ([, number, rel]) => [rel, number],
    ),
  ).toEqual([
    ["prev", "1"],
    ["next", "3"],
    ["last", "3"],
    ["first", "1"],
  ]);
  expect((await get(`${repository}/issues`)).headers.get("link")).toBeNull();
});
