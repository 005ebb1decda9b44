import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Rig } from "../rig/rig.js";
import { gather, pause } from "./crowd.js";
import { agentsOf, goneBeforeLeaseEnds } from "./agents-of.js";

/** The query timeout of 10 s, and as much again for a machine that is busy with other rigs. */
const ANSWERS_WITHIN_MS = 20_000;

/** Stopped for 12 to 15 seconds, longer than the query timeout of 10 s and the lease. */
export const postgresHung: FaultCase = {
  number: 10,
  name: "Postgres hangs (SIGSTOP of all its processes)",
  backends: bothBackends,
  async run(rig, random) {
    const crowd = await gather(rig, 2);
    const adwIds = crowd.turns().map(({ adwId }) => adwId);
    const agents = await agentsOf(adwIds);
    await pause(random.between(0, 1_000)); // Anywhere between two heartbeats.
    try {
      await rig.postgres.suspend();
      const stoppedAt = Date.now();
      await Promise.all([
        goneBeforeLeaseEnds(adwIds, agents, stoppedAt),
        failsByTimeout(rig),
      ]);
      const hungMs = random.between(12_000, 15_000);
      await pause(hungMs - (Date.now() - stoppedAt));
    } finally {
      await rig.postgres.resume();
    }
    crowd.release();
    await crowd.complete();
    return [{ service: "agent-runner", log: /a heartbeat failed/ }];
  },
};

/** It is answered while Postgres still hangs, though not with what only Postgres knows. */
async function failsByTimeout(rig: Rig): Promise<void> {
  const askedAt = performance.now();
  const { status } = await rig.api("/api/workflows?limit=1");
  const tookMs = performance.now() - askedAt;
  assert.equal(status, 503);
  assert(tookMs <= ANSWERS_WITHIN_MS, `The API answered after ${tookMs} ms.`);
}
