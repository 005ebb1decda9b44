import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { endpoints, type AuditEntryShape } from "@pullwright/contracts";
import { until } from "@pullwright/testing";
import { call, refused, sendRaw } from "../__fixtures__/call.js";
import { fail, trigger } from "../__fixtures__/played-run.js";
import {
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest({ limits: { requests: 1_000_000 } });
});
afterAll(() => api.close());

const list = async (
  query: Record<string, string | number> = {},
  key = api.key,
): Promise<AuditEntryShape[]> =>
  (await call(api, "listAudit", { query, key })).body.items;

const asLines = { accept: "application/x-ndjson" };

const exported = async (
  query = "",
  key = api.key,
  {
    path,
    headers,
  }: { path: string; headers?: typeof asLines } = endpoints.exportAudit,
) => {
  const answer = await sendRaw(api, "GET", `${path}${query}`, {
    key,
    ...(headers === undefined ? {} : { headers }),
  });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("content-type")).toBe("application/x-ndjson");
  return (answer.body as string).split("\n").slice(0, -1);
};

test("tells who changed a repository and who deleted a run, from where", async () => {
  await call(api, "changeRepository", {
    params: { owner: "acme", name: "shop" },
    body: { policy: { cancel_on_close: false } },
  });
  const adw_id = await trigger(api);
  await fail(api, adw_id);
  await call(api, "deleteWorkflow", { params: { adw_id } });
  const entries = await list({ adw_id });
  expect(entries.map(({ action }) => action)).toEqual([
    "run.deleted",
    "run.phase_finished",
    "run.phase_claimed",
    "run.triggered",
  ]);
  expect(entries[0]).toMatchObject({
    actor: "api:admin",
    source: "api",
    origin: "127.0.0.1",
    repository: repo,
  });
  expect(entries.at(-1)).toMatchObject({ actor: "api:admin", source: "api" });
  expect(await list({ action: "repository.changed" })).toMatchObject([
    {
      actor: "api:admin",
      origin: "127.0.0.1",
      details: { policy: { cancel_on_close: false }, before: { policy: {} } },
    },
  ]);
});

// S4-45.
test("tells who retried, continued and cancelled a run, by which request and from where, which its own readers are not told", async () => {
  const adw_id = await trigger(api);
  await fail(api, adw_id);
  const commander = await api.keyFor(["control"]);
  const by = { params: { adw_id }, key: commander };
  await call(api, "retryWorkflow", { ...by, body: {} });
  const { id } = (await api.runtime.stores.runs.byAdwId(adw_id)) ?? {};
  await api.runtime.database.pool.query(
    "UPDATE workflow_runs SET status = 'waiting', waiting_reason = 'budget', waiting_since = now() WHERE id = $1",
    [id],
  );
  await call(api, "continueWorkflow", { ...by, body: { add_usd: 1 } });
  await call(api, "cancelWorkflow", { ...by, body: { reason: "Enough." } });
  const commands = (await list({ adw_id })).filter(({ action }) =>
    action.endsWith("_requested"),
  );
  const trace = {
    actor: "api:spec-control",
    source: "api",
    origin: "127.0.0.1",
    cause: null,
    details: { request_id: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  };
  expect(commands).toMatchObject([
    { ...trace, action: "run.cancel_requested" },
    { ...trace, action: "run.continue_requested" },
    { ...trace, action: "run.retry_requested" },
  ]);
  expect(
    new Set(commands.map(({ details }) => details["request_id"])).size,
  ).toBe(3);
  expect((await list({ adw_id })).at(-1)).toMatchObject({
    action: "run.triggered",
    origin: "127.0.0.1",
  });
  const reader = await api.keyFor(["read"]);
  const { body } = await call(api, "getEvents", {
    params: { adw_id },
    key: reader,
  });
  expect(body.items.length).toBeGreaterThan(3);
  expect(JSON.stringify(body)).not.toContain("127.0.0.1");
});

test("notes who came without a right, and repeats do not fill it", async () => {
  const reader = await api.keyFor(["read"]);
  for (let n = 0; n < 20; n += 1) {
    await refused(api, "listAudit", { key: reader });
    await refused(api, "listWorkflows", { key: `guess-${n.toString()}` });
  }
  await until(
    async () => (await list({ action: "access.unauthorized" })).length > 0,
    "the guesses are noted",
  );
  expect(await list({ action: "access.forbidden" })).toMatchObject([
    {
      actor: "api:spec-read",
      details: { route: "/api/audit", scope: "admin" },
    },
  ]);
  expect(await list({ action: "access.unauthorized" })).toMatchObject([
    { actor: "nobody", origin: "127.0.0.1" },
  ]);
});

test("pages through everything in one order, and exports the same", async () => {
  const paged: AuditEntryShape[] = [];
  let cursor: string | null = "9007199254740991";
  while (cursor !== null) {
    const page: { items: AuditEntryShape[]; next_cursor: string | null } = (
      await call(api, "listAudit", { query: { limit: 2, cursor } })
    ).body;
    paged.push(...page.items);
    cursor = page.next_cursor;
  }
  const lines = await exported();
  const [first, ...others] = lines.map(
    (line) => JSON.parse(line) as AuditEntryShape,
  );
  expect(first).toMatchObject({ action: "audit.exported" });
  expect(others).toEqual(paged);
  expect(lines.join()).not.toContain(api.key);
});

test("is exported to whoever accepts lines rather than a page", async () => {
  const { path } = endpoints.listAudit;
  const lines = await exported("?action=audit.exported", api.key, {
    path,
    headers: asLines,
  });
  expect(lines.length).toBeGreaterThan(0);
  const [first] = lines.map((line) => JSON.parse(line) as AuditEntryShape);
  expect(first).toMatchObject({
    action: "audit.exported",
    actor: "api:admin",
    details: { action: "audit.exported" },
  });
  const again = await exported("?action=audit.exported");
  expect(again.slice(1)).toEqual(lines);
  const page = await sendRaw(api, "GET", path, {
    headers: { accept: "application/json, */*" },
  });
  expect(page.headers.get("content-type")).toContain("application/json");
});

test("takes nothing that would cut an export", async () => {
  const query = { limit: 5, cursor: 9 };
  const answer = await refused(api, "listAudit", { query, headers: asLines });
  expect(answer.status).toBe(400);
  expect(answer.body.errors).toMatchObject([
    { field: "limit" },
    { field: "cursor" },
  ]);
});

test("shows a key that is bound to repositories theirs alone", async () => {
  const other = await api.runtime.stores.repositories.upsert({
    githubId: 4713,
    owner: "acme",
    name: "elsewhere",
    defaultBranch: "main",
  });
  const key = await api.keyFor(["admin"], [other.id]);
  expect(await list({}, key)).toMatchObject([
    { action: "repository.added", repository: "acme/elsewhere" },
  ]);
  expect(await exported("", key)).toHaveLength(1);
});

test("reads no further than the export's reader takes", async () => {
  const { pool } = api.runtime.database;
  const entries = 20_000;
  await pool.query(
    `INSERT INTO audit_events (actor, source, action, details)
     SELECT 'many', 'api', 'repository.changed', jsonb_build_object('n', n, 'text', repeat('x', 4000)) FROM generate_series(1, $1::int) n`,
    [entries],
  );
  let batches = 0;
  const count = () => (batches += 1);
  pool.on("acquire", count);
  const url = `${api.url}${endpoints.exportAudit.path}?actor=many`;
  const request = get(url, { headers: { authorization: `Bearer ${api.key}` } });
  const [response] = (await once(request, "response")) as [IncomingMessage];
  // Nobody reads: what is fetched now lies in the buffers of two sockets.
  let before;
  do {
    before = batches;
    await setTimeout(1000);
  } while (batches > before);
  const unread = batches;
  let lines = 0;
  for await (const piece of response)
    lines += String(piece).split("\n").length - 1;
  pool.off("acquire", count);
  expect(lines).toBe(entries);
  expect(batches).toBeGreaterThanOrEqual(entries / 500);
  expect(unread).toBeLessThan(batches / 2);
}, 60_000);
