import { bothBackends, type FaultCase } from "../fault-case.js";
import { gather, onceEach, pause } from "./crowd.js";

/** Back at once: the agents live on, as the outage is shorter than their lease. In the midst of commits: see the kill points. */
export const postgresCrash: FaultCase = {
  number: 8,
  name: "Postgres crashes amid phases and commits",
  backends: bothBackends,
  async run(rig, random) {
    const crowd = await gather(rig, 6);
    await pause(random.between(0, 500));
    await rig.postgres.crash();
    await rig.postgres.restart();
    onceEach(crowd.turns());
    crowd.release();
    // Now amid the commits of results and of the next claims.
    await pause(random.between(100, 1_500));
    await rig.postgres.crash();
    await rig.postgres.restart();
    await crowd.complete();
    return [
      {
        service: "agent-runner",
        log: /database connection broke|heartbeat failed/,
      },
    ];
  },
};
