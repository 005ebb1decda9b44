import { until } from "@pullwright/testing";
import type { FaultCase } from "../fault-case.js";
import type { Rig } from "../rig/rig.js";
import { pause } from "./crowd.js";

/** Redis comes after some 5 seconds instead of 30. */
export const redisAbsent: FaultCase = {
  number: 3,
  name: "Redis absent when the services start",
  backends: ["redis"],
  rig: {},
  async run(rig, random) {
    await rig.fleet.killAll();
    await rig.redis.kill();
    await Promise.all(
      rig.fleet.all.map((service) => service.start({ wait: "live" })),
    );
    const gateway = rig.fleet.get("webhook-gateway-1");
    const runner = rig.fleet.get("agent-runner-1");
    if (await runner.isReady())
      throw new Error("A runner without its queue said that it is ready.");
    const before = await webhooksIn(rig);
    const issue = rig.ask();
    await rig.github.settled();
    if ((await webhooksIn(rig)) === before)
      throw new Error(`${gateway.name} took no delivery without Redis.`);
    await pause(random.between(500, 3_000));
    await rig.redis.restart();
    await until(() => runner.isReady(), "the runner is ready", 20_000);
    const [run] = await rig.wait([issue]);
    if (run?.status !== "completed") throw new Error(JSON.stringify(run));
    return [
      {
        service: "agent-runner",
        log: /(?:Redis|queue) (?:does not work|works again)/,
      },
    ];
  },
};

/** How many webhooks have been recorded, those of earlier rounds among them. */
async function webhooksIn({ postgres }: Rig): Promise<number> {
  const rows = await postgres.query(
    "SELECT FROM deliveries WHERE source = 'webhook'",
  );
  return rows.length;
}
