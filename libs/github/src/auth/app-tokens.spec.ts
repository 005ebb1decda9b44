import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { createVerify, generateKeyPairSync } from "node:crypto";
import { inspect } from "node:util";
import {
  json,
  startScriptedServer,
  type ScriptedServer,
} from "../__fixtures__/scripted-server.js";
import { createGitHub, type GitHub } from "../github.js";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const demo = { owner: "octo", name: "demo" };
const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs1", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
let server: ScriptedServer;
let nowMs: number;
let minted: number;
let installation: number | null;

beforeEach(async () => {
  server = await startScriptedServer();
  nowMs = Date.now();
  minted = 0;
  installation = 77;
  server.handle = (request, response) => {
    if (request.url.endsWith("/installation")) {
      if (installation === null) {
        json(response, 404, { message: "Not Found" });
        return;
      }
      json(response, 200, {
        id: installation,
        permissions: {
          contents: "write",
          issues: "write",
          metadata: "read",
          pull_requests: "write",
          statuses: "write",
        },
      });
      return;
    }
    if (request.url.endsWith("/access_tokens")) {
      minted += 1;
      json(response, 201, {
        token: `ghs_token${minted.toString()}`,
        expires_at: new Date(nowMs + HOUR_MS).toISOString(),
      });
      return;
    }
    json(response, 401, { message: "Bad credentials" });
  };
});
afterEach(() => server.close());

function connect(key = privateKey): GitHub {
  return createGitHub(
    {
      apiUrl: server.url,
      graphqlUrl: `${server.url}/graphql`,
      serverUrl: server.url,
      credentials: { kind: "app", appId: "12", privateKey: key },
    },
    { now: () => nowMs },
  );
}

const mints = () =>
  server.seen.filter(({ url }) => url.endsWith("/access_tokens"));

test("a token is for one repository and no more rights than its purpose needs", async () => {
  const github = connect();
  const push = await github.tokens.tokenFor(demo, "push");
  expect(push).toEqual({
    token: "ghs_token1",
    account: "installation:77",
    expiresAt: new Date(nowMs + HOUR_MS),
  });
  await github.tokens.tokenFor(demo, "read");
  await github.tokens.tokenFor(demo, "issues");
  expect(mints().map(({ body }) => body)).toEqual([
    {
      repositories: ["demo"],
      permissions: { metadata: "read", contents: "write" },
    },
    {
      repositories: ["demo"],
      permissions: {
        metadata: "read",
        contents: "read",
        issues: "read",
        pull_requests: "read",
        statuses: "read",
      },
    },
    // The installation has no permission for checks; asking for it would be refused.
    {
      repositories: ["demo"],
      permissions: {
        metadata: "read",
        contents: "read",
        issues: "write",
        pull_requests: "write",
        statuses: "write",
      },
    },
  ]);
});

test("only a change over GraphQL gets a token that writes contents over the API", async () => {
  const github = connect();
  const rightsOf = async (ask: Promise<unknown>) => {
    await expect(ask).rejects.toMatchObject({ fault: "unauthorized" });
    return (mints().at(-1)?.body as { permissions: unknown }).permissions;
  };
  // GitHub asks for both rights before it changes the draft state.
  expect(
    await rightsOf(github.pulls.markReady(demo, { number: 2, nodeId: "PR_1" })),
  ).toEqual({ metadata: "read", contents: "write", pull_requests: "write" });
  expect(
    await rightsOf(github.pulls.update(demo, 2, { title: "New" })),
  ).toMatchObject({ contents: "read" });
  expect(await rightsOf(github.pulls.get(demo, 2))).toMatchObject({
    contents: "read",
  });
});

test("the App proves itself with a signed JWT", async () => {
  await connect().tokens.tokenFor(demo, "read");
  const [header = "", payload = "", signature = ""] = (
    mints()[0]?.headers.authorization ?? ""
  )
    .replace("Bearer ", "")
    .split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as {
    iss: unknown;
    exp: number;
    iat: number;
  };
  expect(String(claims.iss)).toBe("12");
  expect(claims.exp - claims.iat).toBeLessThanOrEqual(600);
  expect(
    createVerify("RSA-SHA256")
      .update(`${header}.${payload}`)
      .verify(publicKey, signature, "base64url"),
  ).toBe(true);
});

test("a token is kept until five minutes before it expires, and asked for once by many", async () => {
  const github = connect();
  await Promise.all([1, 2, 3].map(() => github.tokens.tokenFor(demo, "push")));
  nowMs += HOUR_MS - 6 * MINUTE_MS;
  await expect(github.tokens.gitCredentials(demo, "push")).resolves.toEqual({
    username: "x-access-token",
    password: "ghs_token1",
  });
  expect(minted).toBe(1);
  nowMs += 2 * MINUTE_MS;
  await expect(
    github.tokens.gitCredentials(demo, "push"),
  ).resolves.toMatchObject({ password: "ghs_token2" });
});

test("a token that GitHub refuses is not used again", async () => {
  const github = connect();
  await expect(github.issues.get(demo, 1)).rejects.toMatchObject({
    fault: "unauthorized",
  });
  await expect(github.issues.get(demo, 1)).rejects.toMatchObject({
    fault: "unauthorized",
  });
  expect(
    server.seen
      .filter(({ url }) => url.endsWith("/issues/1"))
      .map(({ headers }) => headers.authorization),
  ).toEqual(["Bearer ghs_token1", "Bearer ghs_token2"]);
});

test("a failed mint is not remembered", async () => {
  const github = connect();
  const { handle } = server;
  server.handle = (_request, response) => json(response, 502, {});
  await expect(github.tokens.tokenFor(demo, "push")).rejects.toMatchObject({
    fault: "unavailable",
  });
  server.handle = handle;
  await expect(github.tokens.tokenFor(demo, "push")).resolves.toMatchObject({
    token: "ghs_token1",
  });
});

test("an installation is the repository's by GitHub's word: kept, but asked for anew before one is refused", async () => {
  const github = connect();
  const is = (id: number) => github.isInstalledBy(id, demo);
  expect([await is(77), await is(77)]).toEqual([true, true]);
  expect(server.seen).toHaveLength(1);
  expect(await is(78)).toBe(false);
  installation = 78;
  expect([await is(78), await is(77)]).toEqual([true, false]);
  installation = null;
  nowMs += HOUR_MS;
  expect(await is(78)).toBe(false);
});

describe("of many installations", () => {
  const suspended_at = "2026-01-01T00:00:00Z";
  /** Serves these installations, and mints for all but those that it refuses with a status. */
  const serve = (
    installations: readonly { id: number; suspended_at?: string | null }[],
    refusals: Readonly<Record<number, number>> = {},
  ) => {
    server.handle = ({ url }, response) => {
      const { pathname, searchParams } = new URL(url, server.url);
      const id = Number(/(\d+)\/access_tokens$/.exec(pathname)?.[1]);
      const size = Number(searchParams.get("per_page") ?? 30);
      if (pathname === "/app") json(response, 200, { slug: "robo" });
      else if (pathname === "/app/installations")
        json(response, 200, installations.slice(0, size));
      else if (decodeURIComponent(pathname) === "/users/robo[bot]")
        json(response, 200, { id: 5, login: "robo[bot]", type: "Bot" });
      else if (refusals[id] !== undefined)
        json(response, refusals[id], { message: "No" });
      else
        json(response, 201, {
          token: `ghs_of${id.toString()}`,
          expires_at: new Date(nowMs + HOUR_MS).toISOString(),
        });
    };
  };
  const mintedFor = () => mints().map(({ url }) => /\d+/.exec(url)?.[0]);

  test("one that is suspended is passed over", async () => {
    serve([{ id: 1, suspended_at }, { id: 2, suspended_at: null }, { id: 3 }]);
    expect(await connect().identity()).toMatchObject({ id: 5, via: "app" });
    expect(mintedFor()).toEqual(["2"]);
    expect(server.seen.at(-1)?.headers.authorization).toBe("Bearer ghs_of2");
  });

  test("one that refuses a token, or is gone by then, is passed over", async () => {
    serve([{ id: 1 }, { id: 2 }, { id: 3 }], { 1: 403, 2: 404 });
    expect(await connect().identity()).toMatchObject({ id: 5 });
    expect(mintedFor()).toEqual(["1", "2", "3"]);
  });

  test("the last of a hundred is found", async () => {
    const all = Array.from({ length: 99 }, (_, n) => ({ id: n, suspended_at }));
    serve([...all, { id: 100 }]);
    expect(await connect().identity()).toMatchObject({ id: 5 });
    expect(mintedFor()).toEqual(["100"]);
  });

  test("none that gives a token is like none at all", async () => {
    serve([{ id: 1, suspended_at }, { id: 2 }], { 2: 403 });
    await expect(connect().identity()).rejects.toMatchObject({
      fault: "not_found",
    });
  });

  test.each([
    [502, "unavailable"],
    [429, "rate_limited"],
    [401, "unauthorized"],
  ])(
    "an answer of %i to one says nothing of the others",
    async (status, fault) => {
      serve([{ id: 1 }, { id: 2 }], { 1: status });
      await expect(connect().identity()).rejects.toMatchObject({ fault });
      expect(mintedFor()).toEqual(["1"]);
    },
  );
});

test("a key that does not sign is said to be wrong, and not shown", async () => {
  const key =
    "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----";
  const work = connect(key).tokens.tokenFor(demo, "push");
  await expect(work).rejects.toMatchObject({ fault: "unauthorized" });
  await expect(work).rejects.not.toThrow("c2VjcmV0");
});

test("a clock that is wrong is named in GitHub's words, and neither key nor JWT is shown", async () => {
  const said = "'Expiration time' claim ('exp') is too far in the future";
  server.handle = (_request, response) =>
    json(response, 401, { message: said });
  const refused = await connect()
    .tokens.tokenFor(demo, "push")
    .then(
      () => null,
      (error: unknown) => error,
    );
  expect(refused).toMatchObject({
    fault: "unauthorized",
    message: `GET /repos/octo/demo/installation was answered 401: ${said}`,
  });
  const jwt = server.seen[0]?.headers.authorization?.split(" ")[1] ?? "";
  expect(jwt.split(".")).toHaveLength(3);
  const shown = inspect(refused, { depth: Infinity, showHidden: true });
  for (const secret of [jwt, privateKey.split("\n")[1] ?? jwt])
    expect(shown).not.toContain(secret);
});
