import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { gather, pause } from "./crowd.js";
import { agentsOf } from "./agents-of.js";

/** Stopped for 12 to 15 seconds, longer than the query timeout of 10 s and the lease. */
export const postgresHung: FaultCase = {
  number: 10,
  name: "Postgres hangs (SIGSTOP of all its processes)",
  backends: bothBackends,
  async run(rig, random) {
    const crowd = await gather(rig, 2);
    const adwIds = crowd.turns().map(({ adwId }) => adwId);
    const stoppedAt = performance.now();
    await rig.postgres.suspend();
    try {
      // The lease is 8 s: until then the agents must be gone, whatever Postgres does.
      await until(
        async () => (await agentsOf(adwIds)).length === 0,
        "the agents are killed",
        8_000,
      );
      const answer = await rig.api("/api/workflows?limit=1").catch(() => null);
      if (answer?.status === 200)
        throw new Error("The API answered all the same.");
      const hungMs = random.between(12_000, 15_000);
      await pause(hungMs - (performance.now() - stoppedAt));
    } finally {
      await rig.postgres.resume();
    }
    crowd.release();
    await crowd.complete();
    return [{ service: "agent-runner", log: /a heartbeat failed/ }];
  },
};
