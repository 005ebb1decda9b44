import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createVerify, generateKeyPairSync } from "node:crypto";
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

test("a key that does not sign is said to be wrong, and not shown", async () => {
  const key =
    "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----";
  const work = connect(key).tokens.tokenFor(demo, "push");
  await expect(work).rejects.toMatchObject({ fault: "unauthorized" });
  await expect(work).rejects.not.toThrow("c2VjcmV0");
});
