import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  endpoints,
  type Endpoint,
  type EndpointName,
} from "@pullwright/contracts";
import { asProblem, call, refused, sendRaw } from "../__fixtures__/call.js";
import { claim, trigger } from "../__fixtures__/played-run.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest({ environment: { API_DOCS: "protected" } });
});
afterAll(() => api.close());

const filled = (path: string) =>
  path
    .replace("{adw_id}", "zzzzzzzz")
    .replace("{id}", "8a7c1b1e-4e53-4b51-9a3e-000000000000")
    .replace(/\{\w+\}/g, "1");

const named = Object.entries<Endpoint>(endpoints);
const pages = [
  "/api/docs",
  "/api/docs/json",
  "/api/docs/static/index.html",
  "/api/queues",
  "/api/queues/api/queues",
  "/api/queues/static/js/x.js",
  "/api/unknown",
  "/",
];

describe("without a key", () => {
  test.each(named.filter(([, { access }]) => access !== "public"))(
    "%s is 401",
    async (_, { method, path }) => {
      const answer = asProblem(
        await sendRaw(api, method, filled(path), { key: null }),
      );
      expect(answer.status).toBe(401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^(Bearer|Basic)/);
    },
  );

  test.each(pages)("%s is 401, though no endpoint of ours", async (path) => {
    const answer = await sendRaw(api, "GET", path, { key: null });
    expect(answer.status).toBe(401);
  });

  test("health is open to all", async () => {
    const health = await call(api, "getHealth", { key: null });
    expect(health.body).toMatchObject({ status: "ok", version: "0.1.0" });
    const ready = await call(api, "getReadiness", { key: null });
    expect(Object.keys(ready.body.checks)).toEqual(["postgres", "queue"]);
  });
});

describe("with a wrong key", () => {
  test.each([
    "Bearer wrong",
    "Bearer",
    "bearer  ",
    "Basic YTpi",
    "Bearer a b",
    `Bearer ${"x".repeat(600)}`,
    "Digest x",
    "Bearer \u00e9\u00e9",
  ])("%.20s is 401", async (authorization) => {
    const answer = await sendRaw(api, "GET", "/api/workflows", {
      key: null,
      headers: { authorization },
    });
    expect(answer.status).toBe(401);
  });

  test("that was revoked is 401", async () => {
    const key = await api.keyFor(["read"]);
    await call(api, "listWorkflows", { key });
    const stored = await api.runtime.stores.apiKeys.find(key);
    await api.runtime.stores.apiKeys.revoke(stored?.id ?? "");
    expect((await refused(api, "listWorkflows", { key })).status).toBe(401);
  });
});

describe("scopes", () => {
  test.each(["read", "trigger", "control"] as const)(
    "%s opens its own endpoints and no other",
    async (scope) => {
      const key = await api.keyFor([scope]);
      for (const [name, { method, path, access }] of named) {
        if (name.startsWith("stream") || access === "public") continue;
        const needed = access.startsWith("open-") ? "read" : access;
        const { status } = await sendRaw(api, method, filled(path), { key });
        expect([name, status === 403]).toEqual([name, needed !== scope]);
      }
    },
  );

  test("admin includes the others, and the queue board is for admins alone", async () => {
    const adw_id = await trigger(api);
    await call(api, "cancelWorkflow", { params: { adw_id } });
    const board = await sendRaw(api, "GET", "/api/queues/");
    expect(board.status).toBe(200);
    for (const scope of ["read", "trigger", "control"] as const) {
      const key = await api.keyFor([scope]);
      expect((await sendRaw(api, "GET", "/api/queues/", { key })).status).toBe(
        403,
      );
    }
  });

  test("a key as the password of HTTP Basic opens pages, and changes nothing", async () => {
    const basic = Buffer.from(`me:${api.key}`).toString("base64");
    const options = { key: null, headers: { authorization: `Basic ${basic}` } };
    expect((await sendRaw(api, "GET", "/api/docs", options)).status).toBe(200);
    expect((await sendRaw(api, "GET", "/api/queues/", options)).status).toBe(
      200,
    );
    // A run is linked to from its comment; this one does not exist.
    const run = "/api/workflows/abcd2345";
    expect((await sendRaw(api, "GET", run, options)).status).toBe(404);
    const asked = await sendRaw(api, "GET", run, { key: null });
    expect(asked.headers.get("www-authenticate")).toMatch(/^Basic /);
    for (const [method, path] of [
      ["GET", "/api/workflows"],
      ["DELETE", run],
      ["GET", `${run}/logs`],
      ["POST", "/api/workflows/trigger"],
      ["PUT", "/api/queues/api/queues/phases/pause"],
    ] as const)
      expect((await sendRaw(api, method, path, options)).status).toBe(401);
  });
});

describe("a key that is bound to a repository", () => {
  let mine: string;
  let foreign: string;
  let adwId: string;
  let conversation: string;
  beforeAll(async () => {
    const other = await api.runtime.stores.repositories.upsert({
      githubId: 4711,
      owner: "acme",
      name: "elsewhere",
      defaultBranch: "main",
    });
    const all = ["read", "trigger", "control", "admin"] as const;
    mine = await api.keyFor(all, [api.repository.id]);
    foreign = await api.keyFor(all, [other.id]);
    adwId = await trigger(api);
    conversation = (await claim(api, adwId)).attempt.attemptId;
  });

  const ofRuns = named.filter(([, { path }]) => path.includes("{adw_id}"));

  test.each(ofRuns)("cannot reach a foreign run by %s", async (_, endpoint) => {
    const path = endpoint.path
      .replace("{adw_id}", adwId)
      .replace("{id}", conversation)
      .replace(/\{\w+\}/g, "1");
    // What it must be given besides is as foreign.
    const query = endpoint.query?.shape["with"] ? `?with=${adwId}` : "";
    const answer = asProblem(
      await sendRaw(api, endpoint.method, path + query, { key: foreign }),
    );
    expect(answer.status).toBe(404);
  });

  test("cannot read a foreign conversation", async () => {
    const params = { id: conversation };
    const theirs = await refused(api, "listMessages", { params, key: foreign });
    expect(theirs.status).toBe(404);
    await call(api, "listMessages", { params, key: mine });
  });

  test("sees its own runs and repositories, and no other", async () => {
    const params = { adw_id: adwId };
    await call(api, "getWorkflow", { params, key: mine });
    const seen = await call(api, "listWorkflows", { key: mine });
    expect(seen.body.total).toBeGreaterThan(0);
    const unseen = await call(api, "listWorkflows", { key: foreign });
    expect(unseen.body).toMatchObject({ items: [], total: 0 });
    const asked = await call(api, "listWorkflows", {
      key: foreign,
      query: { repository: "acme/shop" },
    });
    expect(asked.body.total).toBe(0);
    const repositories = await call(api, "listRepositories", { key: mine });
    expect(repositories.body.items.map(({ name }) => name)).toEqual(["shop"]);
  });

  test("cannot trigger on, change or add what is not its own", async () => {
    const body = {
      issue_number: 1,
      workflow: "adw_plan",
      repository: "acme/shop",
    };
    const start = await refused(api, "triggerWorkflow", { body, key: foreign });
    expect(start.status).toBe(404);
    const change = await refused(api, "changeRepository", {
      params: { owner: "acme", name: "shop" },
      body: { enabled: false },
      key: foreign,
    });
    expect(change.status).toBe(404);
    const add = await refused(api, "registerRepository", {
      body: { repository: "acme/shop" },
      key: mine,
    });
    expect(add.status).toBe(403);
  });
});

describe("limits", () => {
  const limited = async (
    limits: object,
    work: (api: ApiUnderTest) => Promise<void>,
  ) => {
    const own = await startApiUnderTest({ limits });
    await work(own).finally(() => own.close());
  };

  test("stop whoever guesses keys, and leave those alone who have one", () =>
    limited({ failedAttempts: 3 }, async (own) => {
      await call(own, "listWorkflows");
      const guess = (n: number) =>
        refused(own, "listWorkflows", {
          key: `guess-${n.toString()}`,
          headers: { "x-forwarded-for": `10.0.0.${n.toString()}` },
        });
      const statuses: number[] = [];
      for (let n = 0; n < 6; n += 1) statuses.push((await guess(n)).status);
      expect(statuses.slice(0, 3)).toEqual([401, 401, 401]);
      expect(statuses.slice(4)).toEqual([429, 429]);
      await call(own, "listWorkflows");
    }));

  test("hold for each key by itself, whatever address it claims", () =>
    limited({ requests: 5 }, async (own) => {
      const names: EndpointName[] = ["listWorkflows", "listAgents"];
      const statuses: number[] = [];
      for (let n = 0; n < 7; n += 1) {
        const path = endpoints[names[n % 2] ?? "listAgents"].path;
        const answer = await sendRaw(own, "GET", path, {
          headers: { "x-forwarded-for": `10.0.0.${n.toString()}` },
        });
        statuses.push(answer.status);
        if (answer.status === 429)
          expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      }
      expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
      await call(own, "listWorkflows", { key: await own.keyFor(["read"]) });
    }));
});
