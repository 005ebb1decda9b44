import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Rig } from "../rig/rig.js";

const TAKEOVERS = 2;
/** Of the poller's lease (15 s), which is not turned down here. */
const TWO_LEASES_MS = 30_000;

/** Three of each instead of five; the holder of the poller's lease is killed again and again. */
export const replicas: FaultCase = {
  number: 25,
  name: "holders of leases killed among replicas",
  backends: bothBackends,
  rig: {
    replicas: { poller: 3, orchestrator: 3, api: 1, "webhook-gateway": 1 },
  },
  async run(rig) {
    for (let takeover = 0; takeover < TAKEOVERS; takeover += 1) {
      const pid = await holderOf(rig, "poller");
      const holder = rig.fleet
        .of("poller")
        .find((poller) => poller.pid === pid);
      await holder?.kill();
      await until(
        async () => ![0, pid].includes(await holderOf(rig, "poller")),
        "another poller takes over within two leases",
        TWO_LEASES_MS,
      );
      await holder?.start();
    }
    const reconciler = await holderOf(rig, "reconciler");
    await rig.fleet
      .of("orchestrator")
      .find((orchestrator) => orchestrator.pid === reconciler)
      ?.restart();
    const polling = rig.github.requests().length;
    rig.github.webhooks.control({ kind: "lose" });
    const issue = rig.ask();
    const [run] = await rig.wait([issue]);
    if (run?.status !== "completed") throw new Error(JSON.stringify(run));
    const polls = rig.github
      .requests()
      .slice(polling)
      .filter(({ apiPath }) => apiPath?.endsWith("/issues/events"));
    const tooClose = polls.filter(
      ({ at }, index) =>
        index > 0 &&
        at.getTime() - (polls[index - 1]?.at.getTime() ?? 0) < 1_000,
    );
    if (tooClose.length > 1)
      throw new Error(`${tooClose.length + 1} polls within one interval.`);
    return [{ service: "poller", log: /this poller polls now/ }];
  },
};

/** The process that holds a lease now; 0 for nobody. */
async function holderOf(rig: Rig, name: string): Promise<number> {
  const [lease] = await rig.postgres.query<{ owner: string }>(
    "SELECT owner FROM leases WHERE name = $1 AND lease_until > now()",
    [name],
  );
  return Number(lease?.owner.split(":").at(-1) ?? 0);
}
