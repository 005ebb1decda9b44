import { bothBackends, type FaultCase } from "../fault-case.js";
import { gather, pause } from "./crowd.js";

const RETRY_AFTER_S = 3;

/** GitHub asks for 3 seconds of silence, or says that nothing is left until the hour is over; once each way. */
export const secondaryLimit: FaultCase = {
  number: 22,
  name: "GitHub's secondary limit, with retry-after",
  backends: bothBackends,
  async run(rig, random) {
    const crowd = await gather(rig, 4);
    const before = rig.github.requests().length;
    rig.github.faults.add({
      kind: "rate_limit_secondary",
      status: random.pick([403, 429]),
      retryAfterSeconds: RETRY_AFTER_S,
      match: { method: "POST" },
      times: 1,
    });
    crowd.release();
    await pause(RETRY_AFTER_S * 1_000);
    await crowd.complete();
    const struck = rig.github
      .requests()
      .slice(before)
      .filter(({ fault }) => fault === "rate_limit_secondary");
    if (struck.length === 0) throw new Error("The limit was never met.");
    return [{ service: "orchestrator", metric: /effects_total/ }];
  },
};
