import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateApiKey } from "@pullwright/persistence";
import { createLogger, loadConfig } from "@pullwright/platform";
import { call, refused } from "../__fixtures__/call.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";
import { startApi } from "../start-api.js";
import { ensureFirstAdminKey } from "./first-admin-key.js";

let api: ApiUnderTest;
let folder: string;
beforeAll(async () => {
  api = await startApiUnderTest();
  folder = await mkdtemp(join(tmpdir(), "pullwright-key-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await api.close();
});

const told: string[] = [];
const ensure = (environment: Record<string, string>, stateDir = folder) =>
  ensureFirstAdminKey(
    api.runtime.stores,
    loadConfig(environment),
    stateDir,
    (key) => void told.push(key),
  );

test("an installation without a key gets one, told once and kept for its owner alone", async () => {
  const stateDir = join(folder, "new", "state");
  const file = await ensure({}, stateDir);
  const kept = (await readFile(file ?? "", "utf8")).trim();
  expect(told).toEqual([kept]);
  expect((await stat(file ?? "")).mode & 0o777).toBe(0o600);
  expect(await api.runtime.stores.apiKeys.find(kept)).toMatchObject({
    scopes: ["admin"],
  });

  await ensure({}, stateDir);
  expect(told).toHaveLength(1);
  expect((await readFile(file ?? "", "utf8")).trim()).toBe(kept);
});

test("a file that others may read is closed when a key goes into it", async () => {
  const file = join(folder, "api-key");
  await writeFile(file, "", { mode: 0o644 });
  await ensure({});
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("a configured key is used, and nothing is told or kept", async () => {
  const before = told.length;
  const key = "pw_configured_by_hand";
  expect(await ensure({ PULLWRIGHT_API_KEY: key })).toBeUndefined();
  expect(told).toHaveLength(before);
  expect(await api.runtime.stores.apiKeys.find(key)).not.toBeNull();
});

test("a key of its own that was revoked stays so; a new one is made where nobody else could", async () => {
  const { apiKeys } = api.runtime.stores;
  const stateDir = join(folder, "revoked");
  const file = (await ensure({}, stateDir)) ?? "";
  const first = (await readFile(file, "utf8")).trim();
  await apiKeys.revoke((await apiKeys.find(first))?.id ?? "");
  const before = told.length;
  await ensure({}, stateDir);
  expect(told).toHaveLength(before);
  expect(await apiKeys.find(first)).toBeNull();

  await api.runtime.database.pool.query(
    "UPDATE api_keys SET expires_at = now() - interval '1 second'",
  );
  await ensure({}, stateDir);
  const second = (await readFile(file, "utf8")).trim();
  expect(told.slice(before)).toEqual([second]);
  expect(await apiKeys.find(second)).not.toBeNull();
});

describe("the key of the configuration", () => {
  const lines: Record<string, unknown>[] = [];
  const warnings = () =>
    lines.filter(({ level }) => level === "warn").map(({ msg }) => msg);

  /** Starts one more API on the same database, as a replica or after a restart. */
  const start = (key?: string) => {
    lines.length = 0;
    const { config, shutdown } = api.runtime;
    const auth = { firstAdminKey: key };
    return startApi({
      ...api.runtime,
      config: { ...config, auth },
      logger: createLogger({
        service: "spec",
        destination: {
          write: (line: string) =>
            lines.push(JSON.parse(line) as Record<string, unknown>),
        },
      }),
      shutdown,
    });
  };

  const statusWith = async (key: string) =>
    (await api.runtime.stores.apiKeys.find(key)) === null ? 401 : 200;

  test("is changed by a restart with another: the former one opens nothing any more, keys that were made go on", async () => {
    const [former, next] = [generateApiKey(), generateApiKey()];
    await start(former);
    const body = { name: "ci", scopes: ["read"] };
    const made = await call(api, "createKey", { body, key: former });
    await Promise.all([start(next), start(next)]);
    expect((await refused(api, "listKeys", { key: former })).status).toBe(401);
    await call(api, "listKeys", { key: next });
    await call(api, "listWorkflows", { key: made.body.key });
    const own = await api.runtime.stores.apiKeys.find(told.at(-1) ?? "");
    expect(own).toMatchObject({ name: "first-admin" });
    expect(warnings()).toEqual([]);
  });

  test("does not bring back the one it replaced, when a process still has the older setting", async () => {
    const [former, next] = [generateApiKey(), generateApiKey()];
    await start(former);
    await start(next);
    await start(former);
    expect(await Promise.all([former, next].map(statusWith))).toEqual([
      401, 200,
    ]);
    expect(warnings()).toEqual([
      expect.stringMatching(/PULLWRIGHT_API_KEY was replaced.*restart$/),
    ]);
  });

  test("is missed in one warning where no other key administers", async () => {
    await start();
    expect(warnings()).toEqual([]);
    await api.runtime.database.pool.query(
      "UPDATE api_keys SET revoked_at = now() WHERE 'admin' = ANY(scopes)",
    );
    await api.keyFor(["read", "trigger", "control"]);
    await api.keyFor(["admin"], [api.repository.id]);
    await start();
    expect(warnings()).toEqual([
      expect.stringMatching(/nobody can administer.*set PULLWRIGHT_API_KEY/),
    ]);
    await start(generateApiKey());
    expect(warnings()).toEqual([]);
  });
});
