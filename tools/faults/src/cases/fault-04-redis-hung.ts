import type { FaultCase } from "../fault-case.js";
import { gather, onceEach, pause } from "./crowd.js";

const API_MS = 2_000;

/** Stopped for 4 to 8 seconds instead of 60: longer than any timeout of the queue's clients. */
export const redisHung: FaultCase = {
  number: 4,
  name: "Redis hangs (SIGSTOP) and goes on",
  backends: ["redis"],
  async run(rig, random) {
    const crowd = await gather(rig, 8);
    rig.redis.suspend();
    try {
      const startedAt = performance.now();
      const answer = await rig.api("/api/workflows?limit=5");
      const tookMs = performance.now() - startedAt;
      if (answer.status !== 200 || tookMs > API_MS)
        throw new Error(`The API answered ${answer.status} in ${tookMs} ms.`);
      crowd.release();
      await pause(random.between(4_000, 8_000));
    } finally {
      rig.redis.resume();
    }
    await crowd.complete();
    onceEach(crowd.turns());
    return [
      { service: "agent-runner", log: /queue (?:does not work|works again)/ },
    ];
  },
};
