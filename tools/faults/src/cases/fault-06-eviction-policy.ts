import { until } from "@pullwright/testing";
import type { FaultCase } from "../fault-case.js";
import { gather, onceEach, pause } from "./crowd.js";

/** At run time, and at the start of a runner. */
export const evictionPolicy: FaultCase = {
  number: 6,
  name: "Redis with a policy that evicts",
  backends: ["redis"],
  async run(rig, random) {
    const crowd = await gather(rig, 6);
    const policy = (name: string) =>
      rig.redisCommand("CONFIG", "SET", "maxmemory-policy", name);
    const api = rig.fleet.get("api-1");
    await pause(random.between(0, 1_500));
    await policy("allkeys-lru");
    try {
      await until(async () => !(await api.isReady()), "the alert at run time");
      const readiness = await fetch(`${api.url}/health/ready`);
      if (!(await readiness.text()).includes("noeviction"))
        throw new Error("Readiness does not say what is to be mended.");
      const orchestrator = rig.fleet.get("orchestrator-2");
      await orchestrator.restart({ wait: "live" });
      if (await orchestrator.isReady())
        throw new Error("A service started with this Redis was ready.");
    } finally {
      await policy("noeviction");
    }
    await until(() => api.isReady(), "it is ready again");
    crowd.release();
    await crowd.complete();
    onceEach(crowd.turns());
    return [{ service: "orchestrator", log: /maxmemory-policy allkeys-lru/ }];
  },
};
