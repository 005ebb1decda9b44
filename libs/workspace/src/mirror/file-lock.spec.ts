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

/** A holder that lives and does nothing, such as one that was stopped. */
async function stopped(): Promise<() => void> {
  const holder = spawn("sleep", ["300"]);
  await new Promise((resolve) => holder.once("spawn", resolve));
  const pid = holder.pid ?? 0;
  await heldBy(pid, processStartTime(pid) ?? null);
  return () => holder.kill("SIGKILL");
}

test("one who waits hears that it is no longer wanted, with the reason", async () => {
  const end = await stopped();
  const stop = new AbortController();
  const reason = new Error("cancelled");
  const waiting = withFileLock(lock, () => Promise.resolve("got"), {
    signal: stop.signal,
  });
  // In this process too, where turns are waited for without polling.
  const behind = withFileLock(lock, () => Promise.resolve("got"), {
    signal: stop.signal,
  });
  const patient = withFileLock(lock, () => Promise.resolve("got"));
  setTimeout(() => {
    stop.abort(reason);
  }, 100);
  await expect(waiting).rejects.toBe(reason);
  await expect(behind).rejects.toBe(reason);
  end();
  expect(await patient).toBe("got");
  expect(await readdir(folder)).toEqual([]);
});

test("one who was cancelled before never begins, nor waits", async () => {
  const signal = AbortSignal.abort(new Error("cancelled"));
  const order: string[] = [];
  const holder = withFileLock(lock, async () => {
    await sleep(100);
    order.push("held");
  });
  const work = () => Promise.resolve(order.push("begun"));
  await expect(withFileLock(lock, work, { signal })).rejects.toThrow(
    "cancelled",
  );
  expect(order).toEqual([]);
  await holder;
  expect(order).toEqual(["held"]);
});

test("nobody waits for longer than told", async () => {
  const end = await stopped();
  await expect(
    withFileLock(lock, () => Promise.resolve(), { timeoutMs: 150 }),
  ).rejects.toMatchObject({ code: "GIT_TIMEOUT" });
  end();
});

test("who gives up lets nobody pass who waits longer", async () => {
  const order: string[] = [];
  const stop = new AbortController();
  const first = withFileLock(lock, async () => {
    await sleep(200);
    order.push("first");
  });
  const second = withFileLock(lock, () => Promise.resolve(), {
    signal: stop.signal,
  });
  const third = withFileLock(lock, async () => {
    await Promise.resolve();
    order.push("third");
  });
  stop.abort(new Error("cancelled"));
  await expect(second).rejects.toThrow("cancelled");
  expect(order).toEqual([]);
  await Promise.all([first, third]);
  expect(order).toEqual(["first", "third"]);
});

test("the time limit is that of the wait, not of the work", async () => {
  const work = () => sleep(200, "done");
  expect(await withFileLock(lock, work, { timeoutMs: 50 })).toBe("done");
});
