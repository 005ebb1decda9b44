import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { processStartTime } from "@pullwright/sandbox";

import { withFileLock } from "./file-lock.js";

let folder: string;
let lock: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pullwright-lock-"));
  lock = join(folder, "mirror.lock");
});
afterEach(() => rm(folder, { recursive: true }));

const heldBy = (pid: number, startTime: number | null) =>
  writeFile(
    lock,
    JSON.stringify({
      token: "other",
      host: hostname(),
      pid,
      startTime,
      sinceMs: Date.now(),
    }),
  );

test("one at a time, in order, and nothing is left behind", async () => {
  const order: string[] = [];
  const work = (name: string) => async () => {
    order.push(`${name} in`);
    await sleep(20);
    order.push(`${name} out`);
  };
  await Promise.all(
    ["a", "b", "c"].map((name) => withFileLock(lock, work(name))),
  );
  expect(order).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  expect(await readdir(folder)).toEqual([]);
});

test("work that fails releases the lock", async () => {
  await expect(
    withFileLock(lock, () => Promise.reject(new Error("no"))),
  ).rejects.toThrow("no");
  expect(await withFileLock(lock, () => Promise.resolve("yes"))).toBe("yes");
});

test("a holder that was killed does not block the next", async () => {
  const holder = spawn("sleep", ["300"]);
  await new Promise((resolve) => holder.once("spawn", resolve));
  const pid = holder.pid ?? 0;
  await heldBy(pid, processStartTime(pid) ?? null);
  let got = false;
  const waiting = withFileLock(lock, () => Promise.resolve((got = true)));
  await sleep(200);
  expect(got).toBe(false);
  holder.kill("SIGKILL");
  await waiting;
  expect(got).toBe(true);
});

test("a process that got the dead holder's pid is not taken for it", async () => {
  await heldBy(process.pid, 1);
  expect(await withFileLock(lock, () => Promise.resolve("free"))).toBe("free");
});
