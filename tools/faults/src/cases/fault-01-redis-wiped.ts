import type { FaultCase } from "../fault-case.js";
import { gather, onceEach, pause } from "./crowd.js";

/** As many active as the runners take, the others of 21 waiting. */
export const redisWiped: FaultCase = {
  number: 1,
  name: "Redis wiped with phases active and waiting",
  backends: ["redis"],
  async run(rig, random) {
    const crowd = await gather(rig, 21);
    await rig.redisCommand("FLUSHALL");
    await pause(random.between(0, 1_500));
    crowd.release();
    await crowd.complete();
    onceEach(crowd.turns());
    return [{ service: "orchestrator", log: /the queue was emptied/ }];
  },
};
