import type { FaultCase } from "../fault-case.js";
import { gather, onceEach, pause } from "./crowd.js";

const crash = (name: string, { empty }: { readonly empty: boolean }) =>
  ({
    number: 2,
    name,
    backends: ["redis"],
    /** Away for 2 to 5 seconds instead of 10. */
    async run(rig, random) {
      const crowd = await gather(rig, 10);
      await rig.redis.kill();
      await pause(random.between(2_000, 5_000));
      await rig.redis.restart({ empty });
      crowd.release();
      await crowd.complete();
      onceEach(crowd.turns());
      return [
        {
          service: "agent-runner",
          log: /(?:Redis|queue) (?:does not work|works again)/,
        },
        ...(empty
          ? [{ service: "orchestrator", log: /the queue was emptied/ }]
          : []),
      ];
    },
  }) satisfies FaultCase;

export const redisCrash: readonly FaultCase[] = [
  crash("Redis killed and back with its data", { empty: false }),
  crash("Redis killed and back without its data", { empty: true }),
];
