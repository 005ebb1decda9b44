import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@pullwright/platform";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";
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
