import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { startScriptedGitHub } from "../__fixtures__/scripted-github.js";
import { json, type ScriptedServer } from "../__fixtures__/scripted-server.js";
import type { GitHub } from "../github.js";
import type { Lack } from "../transport/door.js";

const demo = { owner: "octo", name: "demo" };
const robot = { id: 7, login: "robot[bot]" };
let server: ScriptedServer;
let github: GitHub;
let lacks: readonly Lack[];

beforeEach(async () => {
  ({ server, github, lacks } = await startScriptedGitHub());
});
afterEach(() => server.close());

/** Refuses to tell who we are, and takes comments by this author. */
function refuseToTell(status: number, author: object | null = robot): void {
  server.handle = ({ url }, response) => {
    if (url === "/user")
      json(response, status, { message: "Resource not accessible" });
    else
      json(response, 201, {
        id: 5,
        body: "hello",
        user: author,
        created_at: "2026-01-01T00:00:00Z",
        updated_at: "2026-01-01T00:00:00Z",
      });
  };
}

test.each([403, 404])(
  "is unknown where the server says %s, which is told and asked once",
  async (status) => {
    refuseToTell(status);
    expect(await github.identity()).toBeNull();
    expect(await github.as("status").identity()).toBeNull();
    expect(server.seen).toHaveLength(1);
    expect(lacks.map(({ what }) => what)).toEqual(["who we are"]);
  },
);

test("is then whoever wrote the comment that we wrote", async () => {
  refuseToTell(403);
  await github.identity();
  await github.as("status").comments.create(demo, 1, "hello");
  expect(await github.identity()).toMatchObject({ ...robot, type: "Bot" });
});

test("stays unknown where the server names no author: strangers have none either", async () => {
  refuseToTell(403, null);
  await github.comments.create(demo, 1, "hello");
  expect(await github.identity()).toBeNull();
});

test.each([
  ["a page of another server", 404, undefined, "not_found"],
  ["a wrong token", 401, { message: "Bad credentials" }, "unauthorized"],
  ["an outage", 502, undefined, "unavailable"],
] as const)("is an error, asked for again, after %s", async (_what, status, body, fault) => {
  server.handle = (_request, response) => {
    if (body) json(response, status, body);
    else response.writeHead(status, { "content-type": "text/html" }).end("<html>");
  };
  await expect(github.identity()).rejects.toMatchObject({ fault });
  refuseToTell(403);
  expect(await github.identity()).toBeNull();
}); // prettier-ignore
