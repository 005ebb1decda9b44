import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { hostname } from "node:os";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { processStartTime } from "@pullwright/sandbox";

import { GitError } from "../git/git-error.js";

const POLL_MS = 50;
/** A holder on another machine cannot be asked whether it lives; nobody fetches for longer. */
const FOREIGN_HOLDER_MS = 30 * 60_000;

interface Holder {
  readonly token: string;
  readonly host: string;
  readonly pid: number;
  readonly startTime: number | null;
  readonly sinceMs: number;
}

/** How long to wait for the lock at most; the work itself is not ended. */
export interface LockWait {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

/** Turns inside one process are taken in order, without polling. */
const turns = new Map<string, Promise<void>>();

/**
 * Does `work` while nobody else holds the lock at `path`. The lock names its holder by pid and start time, so that one
 * who was killed does not block the others, and a process that got the same pid later is not taken for it. A holder that
 * is stopped or hangs does: who waits may be told to give up, and throws the signal's reason or `GIT_TIMEOUT`.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
  wait: LockWait = {},
): Promise<T> {
  const before = turns.get(path) ?? Promise.resolve();
  const turn = takeTurn(path, before, work, wait);
  // One that gives up does not let those after it pass those before it.
  const done = Promise.allSettled([before, turn]).then(() => undefined);
  turns.set(path, done);
  try {
    return await turn;
  } finally {
    void done.then(() => {
      if (turns.get(path) === done) turns.delete(path);
    });
  }
}

async function takeTurn<T>(
  path: string,
  before: Promise<void>,
  work: () => Promise<T>,
  { signal, timeoutMs }: LockWait,
): Promise<T> {
  const deadline =
    timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const given = [signal, deadline].filter((one) => one !== undefined);
  const over = AbortSignal.any(given);
  const token = await untilAborted(before, over)
    .then(() => acquire(path, over))
    .catch((error: unknown) => {
      signal?.throwIfAborted();
      if (!deadline?.aborted) throw error;
      const message = `${basename(path)} was held by somebody else for too long.`;
      throw new GitError("GIT_TIMEOUT", message, { cause: error });
    });
  try {
    return await work();
  } finally {
    await release(path, token);
  }
}

async function untilAborted(
  work: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const heard = new AbortController();
  try {
    await Promise.race([
      work,
      once(signal, "abort", { signal: heard.signal }).catch(() => undefined),
    ]);
  } finally {
    heard.abort();
  }
  signal.throwIfAborted();
}

async function acquire(path: string, signal: AbortSignal): Promise<string> {
  const token = randomUUID();
  const holder: Holder = {
    token,
    host: hostname(),
    pid: process.pid,
    startTime: processStartTime(process.pid) ?? null,
    sinceMs: Date.now(),
  };
  const mine = `${path}.${token}`;
  await writeFile(mine, JSON.stringify(holder), { flag: "wx" });
  try {
    // A link appears with its content at once; a file created in place could be read while empty.
    while (!(await linked(mine, path))) {
      const other = await readHolder(path);
      if (other && isGone(other)) await evict(path, other);
      else await sleep(POLL_MS, undefined, { signal });
    }
    return token;
  } finally {
    await rm(mine, { force: true });
  }
}

async function release(path: string, token: string): Promise<void> {
  if ((await readHolder(path))?.token === token)
    await rm(path, { force: true });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (
      typeof error === "object" &&
      error !== null &&
      "code" in error &&
      error.code === "EEXIST"
    )
      return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder; // Written by us alone, and complete when it appears.
  } catch {
    return undefined; // Released in this moment.
  }
}

function isGone(holder: Holder): boolean {
  if (holder.host !== hostname())
    return Date.now() - holder.sinceMs > FOREIGN_HOLDER_MS;
  if (holder.startTime !== null)
    return processStartTime(holder.pid) !== holder.startTime;
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Removes a dead holder's lock; of two who try, the second must not remove the lock of the first. */
async function evict(path: string, dead: Holder): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // Somebody else was faster.
  }
  const moved = await readHolder(aside);
  // It was a living one's after all: give it back, unless a third has taken the place.
  if (moved && moved.token !== dead.token) await linked(aside, path);
  await rm(aside, { force: true });
}
