import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import { processStartTime } from "@pullwright/sandbox";

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

/** Turns inside one process are taken in order, without polling. */
const turns = new Map<string, Promise<void>>();

/**
 * Does `work` while nobody else holds the lock at `path`. The lock names its holder by pid and start time, so that one
 * who was killed does not block the others, and a process that got the same pid later is not taken for it.
 */
export async function withFileLock<T>(
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  const before = turns.get(path) ?? Promise.resolve();
  const turn = before.then(async () => {
    const token = await acquire(path);
    try {
      return await work();
    } finally {
      await release(path, token);
    }
  });
  const done = turn.then(
    () => undefined,
    () => undefined,
  );
  turns.set(path, done);
  try {
    return await turn;
  } finally {
    if (turns.get(path) === done) turns.delete(path);
  }
}

async function acquire(path: string): Promise<string> {
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
      else await sleep(POLL_MS);
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
