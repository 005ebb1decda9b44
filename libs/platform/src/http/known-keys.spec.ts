import { beforeEach, expect, test } from "@jest/globals";
import { sleep } from "../time/sleep.js";
import { KnownKeys } from "./known-keys.js";

const SECOND_MS = 1000;
const reader = { name: "prometheus" };
const away = new Error("away");

let nowMs: number;
let answer: () => Promise<typeof reader | null>;
let keys: KnownKeys<typeof reader>;
beforeEach(() => {
  nowMs = 0;
  answer = () => Promise.resolve(reader);
  keys = new KnownKeys(
    () => answer(),
    () => nowMs,
  );
});
const goAway = () => (answer = () => Promise.reject(away));

test("while nobody can be asked, a key found lately is good and any other unknown", async () => {
  expect(await keys.find("good")).toBe(reader);
  goAway();
  expect(await keys.find("good")).toBe(reader);
  await expect(keys.find("other")).rejects.toBe(away);
});

test("a key that is used each minute is good for as long as nobody can be asked, one that pauses is not", async () => {
  await keys.find("good");
  goAway();
  for (let minute = 0; minute < 30; minute += 1) {
    nowMs += 60 * SECOND_MS;
    expect(await keys.find("good")).toBe(reader);
  }
  nowMs += 91 * SECOND_MS;
  await expect(keys.find("good")).rejects.toBe(away);
});

test("a key that was revoked is forgotten as soon as somebody says so", async () => {
  await keys.find("good");
  answer = () => Promise.resolve(null);
  expect(await keys.find("good")).toBeNull();
  goAway();
  await expect(keys.find("good")).rejects.toBe(away);
});

test("whoever asks with a known key does not wait for a database that hangs, and what it says late counts", async () => {
  await keys.find("good");
  let say: (found: null) => void = () => undefined;
  answer = () => new Promise((resolve) => (say = resolve));
  const startedMs = performance.now();
  expect(await keys.find("good")).toBe(reader);
  expect(performance.now() - startedMs).toBeLessThan(3 * SECOND_MS);
  say(null);
  await sleep(0);
  goAway();
  await expect(keys.find("good")).rejects.toBe(away);
});

test("no more than some keys are remembered, the latest", async () => {
  for (let key = 0; key <= 100; key += 1) await keys.find(key.toString());
  goAway();
  await expect(keys.find("0")).rejects.toBe(away);
  expect(await keys.find("100")).toBe(reader);
});
