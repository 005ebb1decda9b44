import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import { generateApiKey } from "@pullwright/persistence";
import { listen, type Listener } from "../__fixtures__/listen.js";
import { trigger } from "../__fixtures__/played-run.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

/** Two heartbeats and some patience. */
const SOON_MS = 14_000;

let api: ApiUnderTest;
let paths: readonly string[];
beforeAll(async () => {
  api = await startApiUnderTest();
  const run = `/api/workflows/${await trigger(api)}`;
  paths = ["/api/events", `${run}/logs/stream`, `${run}/events/stream`];
});
afterAll(() => api.close());

/** Stored past the API under test, as by another process. */
async function storedKey(more: { readonly expiresAt?: Date } = {}) {
  const key = generateApiKey();
  const { apiKeys } = api.runtime.stores;
  const name = "leaked";
  const { id } = await apiKeys.store({ key, name, scopes: ["read"], ...more });
  return { id, key };
}

/** Streams with a key, and how many of them the server has ended. */
async function streamsOf(key: string) {
  const listeners = await Promise.all(
    paths.map((path) => listen({ ...api, key }, path)),
  );
  let ended = 0;
  for (const listener of listeners)
    void listener.ended.then(() => (ended += 1));
  return { listeners, ended: () => ended };
}

const stop = (listeners: readonly Listener[]) =>
  listeners.forEach((listener) => listener.stop());

const beats = (listener: Listener | undefined) =>
  listener?.heard.filter(
    ({ data }) => (data as { type?: string }).type === "heartbeat",
  ).length ?? 0;

test("the streams of a key end once it is revoked, in another process too, and those of other keys go on", async () => {
  const leaked = await storedKey();
  const mine = await streamsOf(api.key);
  const theirs = await streamsOf(leaked.key);
  expect(await api.runtime.stores.apiKeys.revoke(leaked.id)).toBe("revoked");
  await until(() => theirs.ended() === paths.length, "their end", SOON_MS);
  const heard = beats(mine.listeners[0]);
  await until(() => beats(mine.listeners[0]) > heard, "another beat", SOON_MS);
  expect(mine.ended()).toBe(0);
  stop(mine.listeners);
});

test("the streams of a key end once it has expired", async () => {
  const expiresAt = new Date(Date.now() + 2_000);
  const { key } = await storedKey({ expiresAt });
  const streams = await streamsOf(key);
  expect(streams.ended()).toBe(0);
  await until(() => streams.ended() === paths.length, "their end", SOON_MS);
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime());
});

test("no stream ends since the database is away, and those of a revoked key do once it is back", async () => {
  const leaked = await storedKey();
  const mine = await streamsOf(api.key);
  const theirs = await streamsOf(leaked.key);
  await api.link.cut();
  const heard = beats(mine.listeners[0]);
  await until(
    () => beats(mine.listeners[0]) >= heard + 2,
    "two beats without the database",
    SOON_MS,
  );
  expect([mine.ended(), theirs.ended()]).toEqual([0, 0]);
  await api.link.restore();
  await until(async () => {
    const { apiKeys } = api.runtime.stores;
    const revoking = apiKeys.revoke(leaked.id).catch(() => "away");
    return (await revoking) !== "away";
  }, "the database is back");
  await until(() => theirs.ended() === paths.length, "their end", SOON_MS);
  expect(mine.ended()).toBe(0);
  stop(mine.listeners);
});
