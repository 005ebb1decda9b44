import { strict as assert } from "node:assert";
import { readdir, readFile } from "node:fs/promises";
import { until } from "@pullwright/testing";
import { HEARTBEAT_TIMEOUT_SECONDS } from "../rig/rig.js";

/** The processes that work for these runs: they bear the run's id in their environment. */
export async function agentsOf(adwIds: readonly string[]): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const bearers = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(
        `/proc/${pid}/environ`,
        "latin1",
      ).catch(
        () => "", // It has ended.
      );
      const run = /(?:^|\0)PULLWRIGHT_RUN_ID=([^\0]*)/.exec(environment)?.[1];
      return run !== undefined && adwIds.includes(run);
    }),
  );
  return pids.filter((_, index) => bearers[index]).map(Number);
}

const GONE_WITHIN_MS = 30_000;

/**
 * Waits until none of these processes works for the runs any more.
 *
 * @returns when one was last seen, by `Date.now()`, `from` at the earliest; a slow look makes it earlier, never later
 */
export async function lastSeen(
  adwIds: readonly string[],
  pids: readonly number[],
  from: number,
): Promise<number> {
  let seenAt = from;
  await until(
    async () => {
      const lookedAt = Date.now();
      const living = await agentsOf(adwIds);
      if (!living.some((pid) => pids.includes(pid))) return true;
      seenAt = lookedAt;
      return false;
    },
    "the agents are gone",
    GONE_WITHIN_MS,
  );
  return seenAt;
}

/**
 * Throws where one of these processes outlives the lease, which nobody has renewed since `lastBeatAt`; otherwise returns
 * what {@link lastSeen} does. A busy machine is slow to kill, for which the runner itself keeps a quarter of the lease.
 */
export async function goneBeforeLeaseEnds(
  adwIds: readonly string[],
  pids: readonly number[],
  lastBeatAt: number,
): Promise<number> {
  const seenAt = await lastSeen(adwIds, pids, lastBeatAt);
  const livedMs = seenAt - lastBeatAt;
  const leaseMs = HEARTBEAT_TIMEOUT_SECONDS * 1_000;
  assert(
    livedMs <= leaseMs,
    `An agent lived for ${livedMs} ms on a lease of ${leaseMs} ms.`,
  );
  return seenAt;
}
