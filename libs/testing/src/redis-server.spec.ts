import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** Begins a test run as Jest does, in a process of its own; how that ends, and what it said. */
async function beginTestRun(env: Readonly<Record<string, string>>) {
  const setup = new URL("../../../jest/global-setup.mjs", import.meta.url).href;
  const code = `const { default: setUp } = await import("${setup}"); await setUp(); process.exit(0);`;
  const argv = ["--input-type=module", "--eval", code];
  const child = spawn(process.execPath, argv, {
    env: { PATH: "/nowhere", ...env },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const [exitCode] = (await once(child, "close")) as [number | null]; // As Node documents it.
  return { exitCode, said };
}

const anywhere = [undefined, "true"];

test("with neither REDIS_URL nor a redis-server the run says in one line what it leaves out", async () => {
  delete process.env["CI"];
  expect(hasRedisServer()).toBe(false);
  expect(await redisForTests()).toBeUndefined();
  expect(whatIsLeftOut()).toMatch(
    /^Neither REDIS_URL nor a redis-server on PATH: .*$/,
  );
});

test("on CI that is an error, whoever asks", async () => {
  process.env["CI"] = "true";
  const demand = "CI needs REDIS_URL or a redis-server on PATH";
  expect(hasRedisServer).toThrow(demand);
  expect(whatIsLeftOut).toThrow(demand);
  await expect(redisForTests()).rejects.toThrow(demand);
});

test.each(anywhere)(
  "REDIS_URL is enough, and the run says in one line that it is not ours to hurt (CI: %s)",
  async (ci) => {
    if (ci === undefined) delete process.env["CI"];
    else process.env["CI"] = ci;
    process.env["REDIS_URL"] = "redis://127.0.0.1:1";
    expect(await redisForTests()).toMatchObject({ url: "redis://127.0.0.1:1" });
    expect(hasRedisServer()).toBe(false);
    expect(whatIsLeftOut()).toMatch(
      /^No redis-server on PATH: what needs a Redis of its own, which it may hurt, is not tested\.$/,
    );
  },
);

test.each(anywhere)(
  "with a redis-server on PATH nothing is left out (CI: %s)",
  async (ci) => {
    if (ci === undefined) delete process.env["CI"];
    else process.env["CI"] = ci;
    const folder = await mkdtemp(join(tmpdir(), "pullwright-redis-spec-"));
    try {
      await writeFile(join(folder, "redis-server"), "#!/bin/sh\n", {
        mode: 0o755,
      });
      process.env["PATH"] = folder;
      expect(hasRedisServer()).toBe(true);
      expect(whatIsLeftOut()).toBeNull();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test("a test run begins by saying what it leaves out, once", async () => {
  const { exitCode, said } = await beginTestRun({});
  expect(said).toMatch(
    /^Neither REDIS_URL nor a redis-server on PATH: [^\n]*\n$/,
  );
  expect(exitCode).toBe(0);
});

test("on CI a test run without a Redis does not begin", async () => {
  const { exitCode, said } = await beginTestRun({ CI: "true" });
  expect(said).toContain("CI needs REDIS_URL or a redis-server on PATH");
  expect(exitCode).toBe(1);
});
