import { bothBackends, type FaultCase } from "../fault-case.js";
import { gather, pause } from "./crowd.js";

/** 16 runs for 8 seconds instead of 50 for 60. */
export const connectionChurn: FaultCase = {
  number: 7,
  name: "connections to Postgres and Redis killed twice a second",
  backends: bothBackends,
  async run(rig, random) {
    const crowd = await gather(rig, 16, { atWork: 2 });
    const endAt = performance.now() + 8_000;
    crowd.release();
    while (performance.now() < endAt) {
      await rig.postgres.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'",
      );
      if (rig.options.backend === "redis")
        await rig
          .redisCommand("CLIENT", "KILL", "TYPE", "normal")
          .catch(() => "");
      await pause(random.between(300, 700));
    }
    await crowd.complete();
    return [{ service: "agent-runner", log: /a database connection broke/ }];
  },
};
