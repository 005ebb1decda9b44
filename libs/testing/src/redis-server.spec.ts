import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  hasRedisServer,
  redisForTests,
  whatIsLeftOut,
} from "./redis-server.js";

const before = { ...process.env };
beforeEach(() => {
  process.env = { ...before, PATH: "/nowhere" };
  delete process.env["REDIS_URL"];
});
afterEach(() => {
  process.env = before;
});

test("without a redis-server the run says in one line what it leaves out", async () => {
  delete process.env["CI"];
  expect(hasRedisServer()).toBe(false);
  expect(await redisForTests()).toBeUndefined();
  expect(whatIsLeftOut()).toMatch(/^No redis-server on PATH.*$/);
});

test("on CI that is an error, whoever asks, also with a REDIS_URL that is not ours to hurt", async () => {
  process.env["CI"] = "true";
  process.env["REDIS_URL"] = "redis://127.0.0.1:1";
  expect(hasRedisServer).toThrow("CI needs a redis-server");
  expect(whatIsLeftOut).toThrow("CI needs a redis-server");
  delete process.env["REDIS_URL"];
  await expect(redisForTests()).rejects.toThrow("CI needs a redis-server");
});
