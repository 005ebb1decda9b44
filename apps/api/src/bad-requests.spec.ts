import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { connect, type Socket } from "node:net";
import { endpoints, type Endpoint } from "@pullwright/contracts";
import { until } from "@pullwright/testing";
import { asProblem, call, refused, sendRaw } from "./__fixtures__/call.js";
import { keptBytes } from "./__fixtures__/kept-bytes.js";
import { claim, say } from "./__fixtures__/played-run.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "./__fixtures__/running-api.js";

// Rows of the abuse table that are about the API. Rubbish in every place of every endpoint has rubbish.spec.ts, scopes
// have guard-requests.spec.ts, keys of other repositories foreign-key.spec.ts, slow readers readers.spec.ts.

const MB = 1024 * 1024;

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest({
    limits: { requests: 1_000_000, failedAttempts: 1_000_000 },
  });
});
afterAll(() => api.close());

const named = Object.entries<Endpoint>(endpoints);
const SERVICE_ID = "8a7c1b1e-4e53-4b51-9a3e-000000000000";

describe("row 36: no JWT opens anything, since none is issued:", () => {
  const part = (value: object) =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
  });
  const publicPem = publicKey.export({ type: "spki", format: "pem" });
  const now = Math.floor(Date.now() / 1000);
  const good = {
    iss: "pullwright",
    aud: "pullwright",
    sub: "admin",
    scope: "admin",
    iat: now,
    exp: now + 60,
  };
  const hmac = (secret: string | Buffer) => (text: string) =>
    createHmac("sha256", secret).update(text).digest("base64url");
  const rsa = (text: string) =>
    sign("sha256", Buffer.from(text), privateKey).toString("base64url");
  const unsigned = () => "";
  const token = (
    header: object,
    claims: object,
    signed: (text: string) => string,
  ) => {
    const text = `${part({ typ: "JWT", ...header })}.${part(claims)}`;
    return `${text}.${signed(text)}`;
  };
  const hs = { alg: "HS256" };
  const signedByKey = (header: object, claims: object) => () =>
    token(header, claims, hmac(api.key));
  const cases: readonly [string, () => string][] = [
    ["alg none", () => token({ alg: "none" }, good, unsigned)],
    ["alg nOnE", () => token({ alg: "nOnE" }, good, unsigned)],
    [
      "HS256 with an RSA public key",
      () => token(hs, good, hmac(publicPem.toString())),
    ],
    ["RS256 with a key of its own", () => token({ alg: "RS256" }, good, rsa)],
    ["HS256 with an empty secret", () => token(hs, good, hmac(Buffer.of(0)))],
    ["HS256 with an API key", signedByKey(hs, good)],
    ["expired", signedByKey(hs, { ...good, exp: now - 1 })],
    ["without exp", signedByKey(hs, { ...good, exp: undefined })],
    ["of another audience", signedByKey(hs, { ...good, aud: "other" })],
    ["of another issuer", signedByKey(hs, { ...good, iss: "other" })],
    ["issued in the future", signedByKey(hs, { ...good, iat: now + 9_999 })],
    [
      "a kid that is a path",
      signedByKey({ ...hs, kid: "../../dev/null" }, good),
    ],
    [
      "a kid that is SQL",
      signedByKey({ ...hs, kid: "' UNION SELECT 'x" }, good),
    ],
    [
      "a jwk of its own",
      signedByKey({ ...hs, jwk: { kty: "oct", k: "eA" } }, good),
    ],
  ];

  test.each(cases)("%s is 401", async (_what, make) => {
    const key = make();
    expect(key.split(".")).toHaveLength(3);
    expect((await refused(api, "listWorkflows", { key })).status).toBe(401);
    expect((await refused(api, "triggerWorkflow", { key })).status).toBe(401);
  });
});

describe("row 37: a key", () => {
  test("is not found by trying: the rest of the minute is refused and noted, and keys that count go on", async () => {
    const own = await startApiUnderTest({ limits: { failedAttempts: 5 } });
    try {
      const known = await own.keyFor(["read"]);
      await call(own, "listWorkflows", { key: known });
      const statuses: number[] = [];
      for (let n = 0; n < 30; n += 1) {
        const key = `pw_guess${n.toString()}`;
        statuses.push((await refused(own, "listWorkflows", { key })).status);
      }
      expect(statuses.filter((status) => status === 401).length).toBeLessThan(
        8,
      );
      expect(statuses.slice(8)).toEqual(Array<number>(22).fill(429));
      await call(own, "listWorkflows", { key: known });
      const noted = async (action: string) =>
        (await own.runtime.stores.audit.page({ action }, null, 99)).length;
      await until(
        async () =>
          (await noted("access.unauthorized")) === 1 &&
          (await noted("access.throttled")) === 1,
        "both are noted, once each",
      );
    } finally {
      await own.close();
    }
  });

  test("that was revoked, or has expired, opens nothing", async () => {
    const { apiKeys } = api.runtime.stores;
    const key = await api.keyFor(["admin"]);
    const stored = await apiKeys.find(key);
    await apiKeys.revoke(stored?.id ?? "");
    const old = "pw_long_expired_key_of_the_spec";
    await apiKeys.store({
      key: old,
      name: "old",
      scopes: ["admin"],
      expiresAt: new Date(Date.now() - 1_000),
    });
    for (const dead of [key, old])
      expect((await refused(api, "listAudit", { key: dead })).status).toBe(401);
  });

  test("that may only read changes nothing", async () => {
    const key = await api.keyFor(["read"]);
    const changing = named.filter(([, { method }]) => method !== "GET");
    expect(changing.length).toBeGreaterThan(5);
    for (const [name, { method, path }] of changing) {
      const at = path
        .replace("{adw_id}", "zzzzzzzz")
        .replace(/\{\w+\}/g, SERVICE_ID);
      const { status } = await sendRaw(api, method, at, { key });
      expect([name, status]).toEqual([name, 403]);
    }
  });
});

describe("row 38: many", () => {
  test("streams at once are served, one too many is not, and others do not notice", async () => {
    const key = await api.keyFor(["read"]);
    const { port } = new URL(api.url);
    const before = keptBytes();
    const sockets: Socket[] = [];
    let open = 0;
    for (let n = 0; n < 1_000; n += 1) {
      const socket = connect(Number(port), "127.0.0.1");
      sockets.push(socket);
      socket.on("error", () => undefined);
      socket.once("data", (head) => {
        if (head.toString("latin1").startsWith("HTTP/1.1 200 ")) open += 1;
      });
      socket.write(
        `GET /api/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n\r\n`,
      );
    }
    try {
      await until(() => open === 1_000, "all of them are open", 30_000);
      expect((await refused(api, "streamAllEvents", { key })).status).toBe(429);
      await call(api, "listWorkflows");
      expect(keptBytes() - before).toBeLessThan(100 * MB);
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await until(async () => {
      const path = endpoints.streamAllEvents.path;
      const response = await fetch(api.url + path, {
        headers: { authorization: `Bearer ${key}` },
      });
      await response.body?.cancel();
      return response.status === 200;
    }, "their places are free again");
  }, 60_000);

  test("3,000 requests of one key, 50 at a time, end at its limit, whatever address it claims; memory stays flat and others are served meanwhile", async () => {
    const own = await startApiUnderTest({ limits: { requests: 100 } });
    try {
      const greedy = await own.keyFor(["read"]);
      const statuses = new Map<number, number>();
      const before = keptBytes();
      const ask = async (worker: number) => {
        for (let n = 0; n < 60; n += 1) {
          const { status } = await sendRaw(own, "GET", "/api/agents", {
            key: greedy,
            headers: {
              "x-forwarded-for": `10.0.${worker.toString()}.${n.toString()}`,
            },
          });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      };
      const other = { key: await own.keyFor(["read"]) };
      const flood = Promise.all(
        Array.from({ length: 50 }, (_, worker) => ask(worker)),
      );
      for (let n = 0; n < 10; n += 1) await call(own, "listAgents", other);
      const answered = [...statuses.values()].reduce((a, b) => a + b, 0);
      expect(answered).toBeLessThan(3_000); // Else nobody was served meanwhile.
      await flood;
      expect([...statuses.keys()].sort()).toEqual([200, 429]);
      // A machine that is slow enough sees more than one window of ten seconds.
      expect(statuses.get(200)).toBeLessThan(1_000);
      expect(keptBytes() - before).toBeLessThan(50 * MB);
    } finally {
      await own.close();
    }
  }, 60_000);
});

describe("row 39: a foreign page", () => {
  const evil = "https://evil.example";

  test("gets no leave to read or to send, by preflight or not", async () => {
    const preflight = await sendRaw(api, "OPTIONS", "/api/workflows/trigger", {
      key: null,
      headers: {
        origin: evil,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
      },
    });
    const plain = await sendRaw(api, "GET", "/api/workflows", {
      headers: { origin: evil },
    });
    for (const { headers } of [preflight, plain]) {
      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("access-control-allow-credentials")).toBeNull();
    }
  });

  test.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data",
  ])("sends no form of type %s, with a key or without", async (type) => {
    const options = {
      body: '{"issue_number":1,"workflow":"adw_plan"}',
      headers: { origin: evil, "content-type": type },
    };
    const path = "/api/workflows/trigger";
    expect((await sendRaw(api, "POST", path, options)).status).toBe(415);
    const without = { ...options, key: null };
    expect((await sendRaw(api, "POST", path, without)).status).toBe(401);
  });

  test("that a name was bound to us for learns nothing without a key", async () => {
    for (const [name, { method, path, access }] of named) {
      if (access === "public") continue;
      const answer = await sendRaw(api, method, path.replace(/\{\w+\}/g, "1"), {
        key: null,
        headers: { host: "rebound.evil.example", origin: evil },
      });
      expect([name, answer.status]).toEqual([name, 401]);
    }
  });

  test.each([
    "/api/workflows",
    "/api/unknown",
    "/api/queues/",
    "/api/docs",
    "/health",
  ])("cannot frame %s, nor is anything in it run", async (path) => {
    const { headers } = await sendRaw(api, "GET", path);
    expect(headers.get("content-security-policy")).toContain("frame-ancestors");
    expect(headers.get("content-security-policy")).not.toContain("unsafe-eval");
    expect(headers.get("content-security-policy")).not.toMatch(
      /(?:default|script)-src[^;]*unsafe-inline/,
    );
    expect(headers.get("x-frame-options")).not.toBeNull();
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("set-cookie")).toBeNull();
  });

  test("finds no script in a title, a line or a file: all of it is text", async () => {
    const script = '<script>alert(1)</script>\u001b[2J"><img onerror=x>';
    const { number } = api.github.createIssue({
      repo: "acme/shop",
      title: script,
      author: "ada",
    });
    const { body } = await call(api, "triggerWorkflow", {
      body: {
        issue_number: number,
        workflow: "adw_plan",
        repository: "acme/shop",
      },
    });
    const claimed = await claim(api, body.adw_id);
    await say(api, body.adw_id, claimed, [script]);
    await api.runtime.stores.artifacts.keep(claimed.attempt, {
      kind: "plan",
      name: `${script}.html`,
      contentType: "text/html",
      content: script,
    });
    const params = { adw_id: body.adw_id };
    const run = await call(api, "getWorkflow", { params });
    expect(run.headers.get("content-type")).toMatch(/^application\/json/);
    expect(run.body.title).toContain("<script>");
    const logs = await call(api, "getLogs", { params });
    expect(logs.headers.get("content-type")).toMatch(/^application\/json/);
    const files = await call(api, "listArtifacts", { params });
    const file = await call(api, "getArtifactContent", {
      params: { ...params, id: files.body.items[0]?.id ?? "" },
    });
    expect(file.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(file.headers.get("content-disposition")).toMatch(
      /^attachment; filename="[\w.-]+"$/,
    );
  });
});

describe("row 40: a question", () => {
  const SQL = "status;DROP TABLE workflow_runs";
  test.each([
    ["/api/workflows?limit=1e9", "limit"],
    ["/api/workflows?limit=501", "limit"],
    ["/api/workflows?limit=NaN", "limit"],
    ["/api/workflows?limit=-1", "limit"],
    ["/api/workflows?limit=1&limit=2", "limit"],
    ["/api/workflows?page=99999999999999999999", "page"],
    ["/api/workflows?issue_number=2147483648", "issue_number"],
    ["/api/workflows?status=' OR 1=1 --", "status"],
    [`/api/workflows?sort=${SQL}`, "sort"],
    [`/api/workflows?order_by=${SQL}`, "order_by"],
    ["/api/workflows?repository=acme/../../etc", "repository"],
    ["/api/workflows?cursor=e30", "cursor"],
    ["/api/workflows?__proto__[admin]=1", "__proto__[admin]"],
    ["/api/audit?cursor=NaN", "cursor"],
    ["/api/audit?limit=1e9", "limit"],
    ["/api/audit?action=run.deleted' OR '1'='1", "action"],
    ["/api/audit?from=yesterday", "from"],
    ["/api/audit?actor=a%00b", "actor"],
    ["/api/audit/export?to=1e9", "to"],
    ["/api/audit/export?limit=5", "limit"],
  ])("%s is 400 and names the field", async (path, field) => {
    const answer = asProblem(await sendRaw(api, "GET", path));
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ field }]);
  });

  test.each([
    ["admin", { admin: true }],
    ["repository_id", { repository_id: SERVICE_ID }],
    ["max_usd", { max_usd: 1e9 }],
    ["triggered_by", { triggered_by: "root" }],
    ["status", { status: "completed" }],
  ])("that sets %s besides is 400, and nothing is set", async (field, more) => {
    const { status, body } = await refused(api, "triggerWorkflow", {
      body: { issue_number: 1, workflow: "adw_plan", ...more },
    });
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field }]);
  });

  test.each([
    ["a header that goes on in the next line", "X-A: b\r\n c: d"],
    ["a bare line end in a header", "X-A: b\nX-Admin: 1\rX-B: c"],
    ["a NUL in a header", "X-A: b\u0000c"],
    ["two lengths", "Content-Length: 0\r\nContent-Length: 5"],
    ["a length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked"],
  ])("with %s is refused before anybody looks at it", async (_what, header) => {
    const { port } = new URL(api.url);
    const answer = await new Promise<string>((resolve) => {
      const socket = connect(Number(port), "127.0.0.1");
      let text = "";
      socket
        .on("data", (chunk) => (text += chunk.toString()))
        .on("error", () => undefined)
        .on("close", () => resolve(text));
      socket.write(
        `POST /api/workflows/trigger HTTP/1.1\r\nHost: a\r\n${header}\r\n\r\n`,
      );
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("with line ends in its address sets no header of ours", async () => {
    const path = "/api/unknown/a%0d%0aSet-Cookie:%20x=y%0a%7B%22level%22:60%7D";
    const answer = asProblem(await sendRaw(api, "GET", path));
    expect(answer.status).toBe(404);
    expect(answer.headers.get("set-cookie")).toBeNull();
    expect(JSON.stringify(answer.body)).not.toMatch(/[\r\n]/);
  });
});
