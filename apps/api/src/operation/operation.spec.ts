import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { endpoints, type Endpoint } from "@pullwright/contracts";
import { redisForTests, type TestRedis } from "@pullwright/testing";
import { call, refused, sendRaw } from "../__fixtures__/call.js";
import { trigger } from "../__fixtures__/played-run.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

const redis: TestRedis | undefined = await redisForTests();
afterAll(() => redis?.close());

const backends: [string, Record<string, string>][] = [
  ["Postgres", {}],
  ...(redis
    ? [["Redis", { REDIS_URL: redis.url }] satisfies [string, object]]
    : []),
];

describe.each(backends)("the queue board on %s", (_, environment) => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startApiUnderTest({ environment });
  });
  afterAll(() => api.close());

  test("shows all queues and the doorbells that wait", async () => {
    await trigger(api);
    const { status, body } = await sendRaw(
      api,
      "GET",
      "/api/queues/api/queues",
    );
    expect(status).toBe(200);
    const { queues } = body as {
      queues: { name: string; readOnlyMode: boolean }[];
    };
    expect(queues.map(({ name }) => name).sort()).toEqual([
      "effects",
      "phases",
      "pipeline-events",
    ]);
    expect(queues.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
  });

  test.each(["pause", "empty", "obliterate", "clean/completed", "add"])(
    "refuses to %s, even for an admin",
    async (action) => {
      for (const method of ["PUT", "POST"]) {
        const path = `/api/queues/api/queues/phases/${action}`;
        const answer = await sendRaw(api, method, path, { body: {} });
        expect([404, 405, 400]).toContain(answer.status);
      }
    },
  );

  test("serves its page and its scripts under a policy of its own", async () => {
    const page = await sendRaw(api, "GET", "/api/queues/");
    expect(page.headers.get("content-security-policy")).toContain(
      "default-src 'self'",
    );
    const script = /src="([^"]+\.js)"/.exec(String(page.body))?.[1] ?? "";
    const path = new URL(script, `${api.url}/api/queues/`).pathname;
    expect((await sendRaw(api, "GET", path)).status).toBe(200);
    expect((await sendRaw(api, "GET", path, { key: null })).status).toBe(401);
  });
});

describe("answers", () => {
  let api: ApiUnderTest;
  beforeAll(async () => {
    api = await startApiUnderTest({
      environment: {
        CORS_ORIGINS: "https://dashboard.example.com",
        METRICS: "open",
      },
    });
  });
  afterAll(() => api.close());

  test("carry headers that keep browsers from doing harm", async () => {
    for (const answer of [
      await call(api, "listWorkflows"),
      await refused(api, "listWorkflows", { key: null }),
    ]) {
      expect(answer.headers.get("content-security-policy")).toBe(
        "default-src 'none';frame-ancestors 'none'",
      );
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("x-frame-options")).not.toBeNull();
    }
  });

  test("allow the configured origin and no other", async () => {
    const ask = async (origin: string) =>
      (
        await sendRaw(api, "GET", "/api/workflows", { headers: { origin } })
      ).headers.get("access-control-allow-origin");
    expect(await ask("https://dashboard.example.com")).toBe(
      "https://dashboard.example.com",
    );
    expect(await ask("https://evil.example.com")).not.toBe(
      "https://evil.example.com",
    );
  });

  test("to a preflight need no key", async () => {
    const answer = await sendRaw(api, "OPTIONS", "/api/workflows/trigger", {
      key: null,
      headers: {
        origin: "https://dashboard.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-headers")).toContain(
      "authorization",
    );
  });

  test.each(Object.entries<Endpoint>(endpoints))(
    "to a preflight allow the method of %s",
    async (_, { method, path }) => {
      const { headers } = await sendRaw(
        api,
        "OPTIONS",
        path.replace(/\{\w+\}/g, "1"),
        {
          key: null,
          headers: {
            origin: "https://dashboard.example.com",
            "access-control-request-method": method,
          },
        },
      );
      expect(
        headers.get("access-control-allow-methods")?.split(/, */),
      ).toContain(method);
    },
  );

  test("are counted in the metrics by route, never by address", async () => {
    await call(api, "listWorkflows");
    await refused(api, "getWorkflow", { params: { adw_id: "zzzzzzzz" } });
    const { body } = await call(api, "getMetrics", { key: null });
    expect(body).toMatch(
      /pullwright_http_request_seconds_count\{[^}]*route="\/api\/workflows\/:adw_id"[^}]*status="404"/,
    );
    expect(body).not.toContain("zzzzzzzz");
  });
});

test("metrics can be read while Postgres is away, with a key that was good lately, and nothing else can", async () => {
  const api = await startApiUnderTest();
  try {
    const key = await api.keyFor(["read"]);
    await call(api, "getMetrics", { key });
    await api.link.cut();
    const { body } = await call(api, "getMetrics", { key });
    expect(body).toContain("pullwright_http_request_seconds");
    for (const [name, other] of [
      ["getMetrics", api.key],
      ["listWorkflows", key],
    ] as const)
      expect((await refused(api, name, { key: other })).status).toBe(503);
  } finally {
    await api.close();
  }
});
