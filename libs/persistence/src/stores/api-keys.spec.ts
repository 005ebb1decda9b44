import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import {
  generateApiKey,
  type ApiKeyRecord,
  type ApiScope,
} from "./api-keys.js";
import type { DoneBy } from "./audit-note.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

const ada: DoneBy = { actor: "api:ada", source: "api" };

/** A key without a word to whom it belongs. */
const made = (
  name: string,
  scopes: readonly ApiScope[] = ["admin"],
  more: { repositoryIds?: readonly string[]; expiresAt?: Date } = {},
): Promise<ApiKeyRecord> =>
  sut.stores.apiKeys.store({ key: generateApiKey(), name, scopes, ...more });

const noKeys = () => sut.database.pool.query("DELETE FROM api_keys");

const liveNames = async () =>
  (await sut.stores.apiKeys.list())
    .filter(({ revokedAt }) => revokedAt === null)
    .map(({ name }) => name)
    .sort();

const opens = async (key: string) =>
  (await sut.stores.apiKeys.find(key)) !== null;

test("a key is kept nowhere, so that only hashes are compared, whose likeness tells nothing of it", async () => {
  const key = generateApiKey();
  await sut.stores.apiKeys.store({ key, name: "ada", scopes: ["read"] });
  const { rows } = await sut.database.pool.query<{
    hash: string;
    row: string;
  }>("SELECT hash, k::text AS row FROM api_keys k WHERE name = 'ada'");
  expect(rows).toHaveLength(1);
  const { hash = "", row = "" } = rows[0] ?? {};
  expect(hash).toBe(createHash("sha256").update(key).digest("hex"));
  expect(row).not.toContain(key.slice(0, 11)); // The prefix that tells keys apart is shorter.
  expect(await opens(key)).toBe(true);
  expect(await opens(hash)).toBe(false);
  expect(await opens(`${key.slice(0, -1)}~`)).toBe(false);
});

test("a key that is stored again stays as it is, a revoked one revoked", async () => {
  const { apiKeys } = sut.stores;
  await made("other");
  const key = { key: generateApiKey(), name: "ci", scopes: ["read"] as const };
  const first = await apiKeys.store(key);
  expect(await apiKeys.store({ ...key, scopes: ["admin"] })).toEqual(first);
  expect(await apiKeys.revoke(first.id, ada)).toBe("revoked");
  const again = await apiKeys.store(key);
  expect(again.revokedAt).toBeInstanceOf(Date);
  expect(await opens(key.key)).toBe(false);
});

describe("revoking", () => {
  test("tells apart what was revoked now, before, and what is unknown", async () => {
    const { apiKeys } = sut.stores;
    const { id } = await made("reader", ["read"]);
    const both = await Promise.all([apiKeys.revoke(id), apiKeys.revoke(id)]);
    expect(both.sort()).toEqual(["already", "revoked"]);
    expect(await apiKeys.revoke("8a7c1b1e-4e53-4b51-9a3e-000000000000")).toBe(
      "unknown",
    );
  });

  test("spares the last key that administers everything, whatever other keys there are", async () => {
    const { apiKeys } = sut.stores;
    await noKeys();
    const last = await made("last");
    const others = [
      await made("reader", ["read", "trigger", "control"]),
      await made("bound", ["admin"], { repositoryIds: [sut.repository.id] }),
      await made("expired", ["admin"], { expiresAt: new Date(1_000) }),
    ];
    expect(await apiKeys.revoke(last.id)).toBe("last");
    for (const { id } of others)
      expect(await apiKeys.revoke(id)).toBe("revoked");
    expect(await liveNames()).toEqual(["last"]);
    await made("next");
    expect(await apiKeys.revoke(last.id)).toBe("revoked");
    expect(await apiKeys.hasAdmin()).toBe(true);
  });

  test("leaves one of several admins who revoke each other at once", async () => {
    const { apiKeys } = sut.stores;
    for (let round = 0; round < 20; round += 1) {
      await noKeys();
      const all = await Promise.all(["a", "b", "c"].map((name) => made(name)));
      const answers = await Promise.all(
        [...all, ...all.toReversed()].map(({ id }) => apiKeys.revoke(id, ada)),
      );
      expect(answers.filter((answer) => answer === "revoked")).toHaveLength(2);
      expect(await liveNames()).toHaveLength(1);
    }
  });
});

describe("the one key of the configuration", () => {
  const configure = (key: string) =>
    sut.stores.apiKeys.storeOnly({ key, name: "admin" });

  test("takes the place of the former one, and of no other", async () => {
    await noKeys();
    const [first, second, own] = [1, 2, 3].map(generateApiKey) as [
      string,
      string,
      string,
    ];
    await sut.stores.apiKeys.store({
      key: own,
      name: "ada",
      scopes: ["admin"],
    });
    expect(await configure(first)).toBe(true);
    expect(await configure(first)).toBe(true);
    expect(await configure(second)).toBe(true);
    expect(await Promise.all([first, second, own].map(opens))).toEqual([
      false,
      true,
      true,
    ]);
    const noted = await sut.stores.audit.page(
      { action: "api_key.revoked" },
      null,
      1,
    );
    expect(noted).toMatchObject([
      { actor: "configuration", details: { name: "admin" } },
    ]);
  });

  test("does not come back once it was replaced, and then replaces none", async () => {
    await noKeys();
    const [old, present] = [generateApiKey(), generateApiKey()];
    await configure(old);
    await configure(present);
    expect(await configure(old)).toBe(false);
    expect(await Promise.all([old, present].map(opens))).toEqual([false, true]);
  });

  test("may be one that was made for all of administration, and none that was made for less", async () => {
    await noKeys();
    const { apiKeys } = sut.stores;
    const [former, ops, reader, bound] = [1, 2, 3, 4].map(generateApiKey) as [
      string,
      string,
      string,
      string,
    ];
    await configure(former);
    await apiKeys.store({ key: reader, name: "reader", scopes: ["read"] });
    const repositoryIds = [sut.repository.id];
    const admin = { scopes: ["admin"] as const };
    await apiKeys.store({ key: bound, name: "b", ...admin, repositoryIds });
    await apiKeys.store({ key: ops, name: "ops", ...admin });
    expect(await configure(reader)).toBe(false);
    expect(await configure(bound)).toBe(false);
    expect(await opens(former)).toBe(true);
    expect(await configure(ops)).toBe(true);
    expect(await opens(former)).toBe(false);
    expect(await configure(generateApiKey())).toBe(true);
    expect(await opens(ops)).toBe(false);
  });

  test("is one, however many processes start at once", async () => {
    for (let round = 0; round < 10; round += 1) {
      await noKeys();
      await configure(generateApiKey());
      const [same, other] = [generateApiKey(), generateApiKey()];
      await Promise.all([same, other, same, same].map(configure));
      const live = await Promise.all([same, other].map(opens));
      expect(live.filter(Boolean)).toHaveLength(1);
      expect(await liveNames()).toEqual(["admin"]);
    }
  });

  test("and revoking at the same time leave a way in", async () => {
    const { apiKeys } = sut.stores;
    for (let round = 0; round < 20; round += 1) {
      await noKeys();
      const next = generateApiKey();
      await configure(generateApiKey());
      const [former] = await apiKeys.list();
      const adopted = await apiKeys.store({
        key: next,
        name: "ops",
        scopes: ["admin"],
      });
      await Promise.all([
        apiKeys.revoke(adopted.id, ada),
        configure(next),
        apiKeys.revoke(former?.id ?? "", ada),
      ]);
      expect(await apiKeys.hasAdmin()).toBe(true);
    }
  });
});
