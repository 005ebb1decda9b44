import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { ApiKeyShape } from "@pullwright/contracts";
import { hashApiKey } from "@pullwright/persistence";
import { call, refused } from "../__fixtures__/call.js";
import {
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

const list = async (): Promise<ApiKeyShape[]> =>
  (await call(api, "listKeys")).body.items;

const create = async (body: object, key = api.key) =>
  (await call(api, "createKey", { body, key })).body;

const noted = async (action: string) => {
  const { body } = await call(api, "listAudit", { query: { action } });
  return body.items;
};

describe("a key that is made", () => {
  test("opens what its scopes say, is shown once and kept as a hash", async () => {
    const answer = await call(api, "createKey", {
      body: { name: "ci of the shop", scopes: ["read", "trigger"] },
    });
    const { key, ...shape } = answer.body;
    expect(key).toMatch(/^pw_[\w-]{43}$/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(shape).toMatchObject({
      name: "ci of the shop",
      prefix: key.slice(0, 10),
      scopes: ["read", "trigger"],
      repositories: null,
      expires_at: null,
      last_used_at: null,
      revoked_at: null,
    });
    expect(await list()).toContainEqual(shape);
    await call(api, "listWorkflows", { key });
    expect((await refused(api, "listKeys", { key })).status).toBe(403);
    const [used] = (await list()).filter(({ id }) => id === shape.id);
    expect(used?.last_used_at).not.toBeNull();
    const answers = JSON.stringify([
      await list(),
      await noted("api_key.created"),
    ]);
    expect(answers).not.toContain(key);
    expect(answers).not.toContain(hashApiKey(key));
  });

  test("is bound to the repositories that are named, and ends when it says", async () => {
    const expires_at = new Date(Date.now() + 3_600_000).toISOString();
    const made = await create({
      name: "shop",
      scopes: ["read"],
      repositories: ["Acme/Shop", repo],
      expires_at,
    });
    expect(made).toMatchObject({ repositories: [repo], expires_at });
    expect(await api.runtime.stores.apiKeys.find(made.key)).toMatchObject({
      repositoryIds: [api.repository.id],
    });
    await api.runtime.database.pool.query(
      "UPDATE api_keys SET expires_at = now() - interval '1 second' WHERE id = $1",
      [made.id],
    );
    const late = await refused(api, "listWorkflows", { key: made.key });
    expect(late.status).toBe(401);
  });

  test("may make others itself, when it administers everything; the audit tells who did", async () => {
    const ops = await create({ name: "ops", scopes: ["admin"] });
    const made = await create({ name: "of-ops", scopes: ["read"] }, ops.key);
    const [entry] = await noted("api_key.created");
    expect(entry).toMatchObject({
      actor: "api:ops",
      source: "api",
      origin: "127.0.0.1",
      details: { key_id: made.id, name: "of-ops", scopes: ["read"] },
    });
  });
});

describe("what cannot be a key", () => {
  const good = { name: "x", scopes: ["read"] };
  test.each([
    ["name", { name: "" }],
    ["name", { name: "x".repeat(101) }],
    ["name", { name: "a\nb" }],
    ["name", { name: "a\u0000b" }],
    ["name", { name: "a\u001b[2Jb" }],
    ["name", { name: "a\u009bb" }],
    ["name", { name: "a\u202eb" }],
    ["name", { name: "a\ud800" }],
    ["name", { name: " x" }],
    ["name", { name: undefined }],
    ["name", { name: "admin" }],
    ["name", { name: "First-Admin" }],
    ["scopes", { scopes: [] }],
    ["scopes", { scopes: undefined }],
    ["scopes.0", { scopes: ["root"] }],
    ["scopes", { scopes: ["read", "read"] }],
    ["repositories", { repositories: [] }],
    ["repositories.0", { repositories: ["shop"] }],
    ["repositories.1", { repositories: [repo, "acme/unknown"] }],
    ["expires_at", { expires_at: "2020-01-01T00:00:00Z" }],
    ["expires_at", { expires_at: "0000-01-01T00:00:00Z" }],
    ["expires_at", { expires_at: "2999-02-30T00:00:00Z" }],
    ["expires_at", { expires_at: "tomorrow" }],
    ["expires_at", { expires_at: null }],
    ["key", { key: "pw_of_my_own" }],
  ])("is 400 and names %s: %j", async (field, change) => {
    const before = (await list()).length;
    const body = { ...good, ...change };
    const answer = await refused(api, "createKey", { body });
    expect(answer.status).toBe(400);
    const named = answer.body.errors?.map((one) => one.field);
    expect([...new Set(named)]).toEqual([field]);
    expect(await list()).toHaveLength(before);
  });
});

describe("a key that is bound to repositories", () => {
  test("manages no keys, also none of its own repositories", async () => {
    const bound = await create({
      name: "bound",
      scopes: ["admin"],
      repositories: [repo],
    });
    const before = await list();
    const { key } = bound;
    for (const body of [
      { name: "wide", scopes: ["admin"] },
      { name: "same", scopes: ["read"], repositories: [repo] },
    ]) {
      const answer = await refused(api, "createKey", { body, key });
      expect(answer.status).toBe(403);
    }
    expect((await refused(api, "listKeys", { key })).status).toBe(403);
    for (const { id } of before) {
      const params = { id };
      const answer = await refused(api, "revokeKey", { params, key });
      expect(answer.status).toBe(403);
    }
    const after = (await list()).map(({ id, revoked_at }) => [id, revoked_at]);
    expect(after).toEqual(before.map(({ id }) => [id, null]));
  });
});

describe("a key that is revoked", () => {
  test("opens nothing from then on; again changes nothing, and the audit tells once", async () => {
    const ops = await create({ name: "revoker", scopes: ["admin"] });
    const made = await create({ name: "lost", scopes: ["read"] });
    const params = { id: made.id };
    await call(api, "listWorkflows", { key: made.key });
    await call(api, "revokeKey", { params, key: ops.key });
    const at = (await list()).find(({ id }) => id === made.id)?.revoked_at;
    expect(at).toEqual(expect.any(String));
    await call(api, "revokeKey", { params });
    expect(await list()).toContainEqual(
      expect.objectContaining({ id: made.id, revoked_at: at }),
    );
    const late = await refused(api, "listWorkflows", { key: made.key });
    expect(late.status).toBe(401);
    const entries = (await noted("api_key.revoked")).filter(
      ({ details }) => details["key_id"] === made.id,
    );
    expect(entries).toMatchObject([
      { actor: "api:revoker", source: "api", origin: "127.0.0.1" },
    ]);
  });

  test("has to be one: an unknown id is 404, and what is no id 400", async () => {
    const id = "8a7c1b1e-4e53-4b51-9a3e-000000000000";
    const unknown = await refused(api, "revokeKey", { params: { id } });
    expect(unknown.status).toBe(404);
    const none = await refused(api, "revokeKey", { params: { id: "ci" } });
    expect(none.body.errors).toMatchObject([{ field: "id" }]);
  });

  test("is never the last that administers everything, by nobody's hand", async () => {
    const own = await startApiUnderTest();
    try {
      const mine = await call(own, "listKeys");
      const [configured] = mine.body.items;
      const params = { id: configured?.id ?? "" };
      const body = { name: "ada", scopes: ["admin"] };
      const bound = { ...body, repositories: [repo] };
      await call(own, "createKey", { body: bound });
      const last = await refused(own, "revokeKey", { params });
      expect(last.status).toBe(409);
      expect(last.body.type).toBe("urn:pullwright:problem:last-admin-key");
      expect(last.body.detail).toContain("make one first");
      await call(own, "listKeys");

      const ada = (await call(own, "createKey", { body })).body;
      const [mutual, other] = await Promise.all([
        call(own, "revokeKey", { params, key: ada.key }).catch(() => null),
        call(own, "revokeKey", { params: { id: ada.id } }).catch(() => null),
      ]);
      expect([mutual, other].filter((one) => one !== null)).toHaveLength(1);
      expect(await own.runtime.stores.apiKeys.hasAdmin()).toBe(true);
    } finally {
      await own.close();
    }
  });
});
