import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { endpoints, type Endpoint } from "@pullwright/contracts";
import { redisForTests, until, type TestRedis } from "@pullwright/testing";
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

  interface ShownQueue {
    readonly name: string;
    readonly readOnlyMode: boolean;
    readonly isPaused: boolean;
    readonly counts: { readonly waiting: number };
    readonly jobs: readonly {
      readonly id: string;
      readonly data: { readonly phaseRunId?: string };
    }[];
  }

  /** What the board shows, with the jobs that wait in `phases`. */
  async function look(): Promise<readonly ShownQueue[]> {
    const path =
      "/api/queues/api/queues?activeQueue=phases&status=waiting&jobsPerPage=100";
    const { status, body } = await sendRaw(api, "GET", path);
    expect(status).toBe(200);
    return (body as { queues: ShownQueue[] }).queues;
  }

  /** The doorbell of a new run, once the board shows it. */
  async function ring() {
    const run = await api.runtime.stores.runs.byAdwId(await trigger(api));
    const phaseRunId = run?.phaseRows.find(
      ({ status }) => status === "queued",
    )?.id;
    const find = async () => {
      const shown = await look();
      const phases = shown.find(({ name }) => name === "phases");
      const job = phases?.jobs.find(
        ({ data }) => data.phaseRunId === phaseRunId,
      );
      return { shown, phases, job };
    };
    await until(async () => (await find()).job !== undefined, "the doorbell");
    return find;
  }

  test("shows all queues and the doorbells that wait", async () => {
    const { shown, phases } = await (await ring())();
    expect(shown.map(({ name }) => name).sort()).toEqual([
      "effects",
      "phases",
      "pipeline-events",
    ]);
    expect(shown.every(({ readOnlyMode }) => readOnlyMode)).toBe(true);
    expect(phases?.counts.waiting).toBeGreaterThan(0);
  });

  test.each([
    ["PUT", "pause"],
    ["PUT", "empty"],
    ["PUT", "obliterate"],
    ["PUT", "clean/waiting"],
    ["PUT", "promote"],
    ["PUT", "{job}/clean"],
    ["PUT", "{job}/promote"],
    ["POST", "add"],
  ])("refuses to %s %s, even for an admin", async (method, action) => {
    const find = await ring();
    const { job } = await find();
    const path = `/api/queues/api/queues/phases/${action.replace("{job}", String(job?.id))}`;
    const answer = await sendRaw(api, method, path, { body: {} });
    // An address that the board does not know would be a 404.
    expect([answer.status, answer.body]).toEqual([
      405,
      { error: { key: "ERRORS.QUEUE_READ_ONLY" } },
    ]);
    expect((await find()).job).toEqual(job);
  });

  test("does not pause when told to pause every queue", async () => {
    await sendRaw(api, "PUT", "/api/queues/api/queues/pause", { body: {} });
    expect((await look()).map(({ isPaused }) => isPaused)).toEqual([
      false,
      false,
      false,
    ]);
  });

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
    expect(await ask("https://evil.example.com")).toBeNull();
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
