import { strict as assert } from "node:assert";
import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { POLLER_LEASE_MS, RECONCILER_LEASE_MS } from "../rig/leases.js";
import type { Rig } from "../rig/rig.js";
import { pause } from "./crowd.js";
import { holderOf, leaseOf } from "./holder-of.js";

const TAKEOVERS = 2;
/** A busy machine is late with the question for the lease, and with our look. */
const SLOW_MS = 2_000;

/** Five of those that hold leases; the holder of the poller's is killed again and again, then that of the reconciler's. */
export const replicas: FaultCase = {
  number: 25,
  name: "holders of leases killed among replicas",
  backends: bothBackends,
  rig: {
    replicas: {
      poller: 5,
      orchestrator: 5,
      api: 1,
      "agent-runner": 1,
      "webhook-gateway": 1,
    },
  },
  async run(rig, random) {
    const from = new Date();
    for (let takeover = 0; takeover < TAKEOVERS; takeover += 1) {
      await pause(random.between(0, POLLER_LEASE_MS / 3)); // Anywhere between two renewals.
      await killHolder(rig, "poller", POLLER_LEASE_MS);
    }
    await killHolder(rig, "orchestrator", RECONCILER_LEASE_MS);
    rig.github.webhooks.control({ kind: "lose" });
    const issue = rig.ask();
    const [run] = await rig.wait([issue]);
    if (run?.status !== "completed") throw new Error(JSON.stringify(run));
    const polls = rig.github
      .requests()
      .filter(
        ({ at, apiPath }) =>
          at >= from && apiPath?.endsWith("/issues/events") === true,
      );
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

/** Kills the process of a kind that holds its lease; another must have it within two terms of it. */
async function killHolder(
  rig: Rig,
  kind: keyof typeof leaseOf,
  leaseMs: number,
): Promise<void> {
  const lease = leaseOf[kind];
  const pid = await holderOf(rig, lease);
  const holder = rig.fleet.of(kind).find((service) => service.pid === pid);
  assert(holder !== undefined, `nobody held the lease ${lease}`);
  await holder.kill();
  await until(
    async () => ![0, pid].includes(await holderOf(rig, lease)),
    `another ${kind} takes over within two leases`,
    2 * leaseMs + SLOW_MS,
  );
  await holder.start();
}
