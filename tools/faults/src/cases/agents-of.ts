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

/** A busy machine is slow to kill: a runner keeps a quarter of its lease for that, 1.5 s here and up to 10 s elsewhere. */
const SLOW_TO_KILL_MS = 1_000;
const GONE_WITHIN_MS = 30_000;

/**
 * Waits until none of these processes works for the runs, and throws where one outlived the lease, which nobody has renewed
 * since `lastBeatAt` (by `Date.now()`).
 *
 * @returns when one was last seen, by `Date.now()`; a slow look makes it earlier, never later
 */
export async function goneBeforeLeaseEnds(
  adwIds: readonly string[],
  pids: readonly number[],
  lastBeatAt: number,
): Promise<number> {
  let lastSeenAt = lastBeatAt;
  await until(
    async () => {
      const lookedAt = Date.now();
      const living = await agentsOf(adwIds);
      if (!living.some((pid) => pids.includes(pid))) return true;
      lastSeenAt = lookedAt;
      return false;
    },
    "the agents are killed",
    GONE_WITHIN_MS,
  );
  const livedMs = lastSeenAt - lastBeatAt;
  const leaseMs = HEARTBEAT_TIMEOUT_SECONDS * 1_000;
  assert(
    livedMs <= leaseMs + SLOW_TO_KILL_MS,
    `An agent lived for ${livedMs} ms on a lease of ${leaseMs} ms.`,
  );
  return lastSeenAt;
}
