import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Sighting } from "../oracle/sightings.js";
import type { Rig, WireName } from "../rig/rig.js";
import { agentsOf, goneBeforeLeaseEnds } from "./agents-of.js";
import { gather, onceEach, pause } from "./crowd.js";

const RUNNER = "agent-runner-1";

/**
 * One link of one runner, which lets nothing through and says nothing, as a firewall that drops: the wires are processes'
 * sockets between runner and server, so that no rule of the machine has to change. 10 to 13 seconds, longer than a lease, instead of 30 and more.
 */
function cut(
  link: WireName,
  backends: FaultCase["backends"],
  visible: readonly Sighting[],
): FaultCase {
  return {
    number: 20,
    name: `a runner cut off from ${link}`,
    backends,
    rig: { wired: [RUNNER], replicas: { api: 1, poller: 1 } },
    async run(rig, random) {
      const crowd = await gather(rig, 4);
      const wire = rig.wire(RUNNER, link);
      const held = await heldBy(rig, RUNNER);
      const agents = await agentsOf(held);
      await pause(random.between(0, 1_000)); // Anywhere between two heartbeats.
      wire.freeze();
      const cutAt = Date.now();
      if (link === "postgres") {
        // No heartbeat reaches Postgres: before its lease can be another's its agents must be gone.
        const before = crowd.turns().length;
        const lastSeenAt = await goneBeforeLeaseEnds(held, agents, cutAt);
        const twofold = crowd
          .turns()
          .slice(before)
          .filter(
            ({ adwId, at }) =>
              held.includes(adwId) && at.getTime() <= lastSeenAt,
          );
        assert.deepEqual(twofold, [], "two agents worked for one run");
      }
      crowd.release();
      await pause(random.between(10_000, 13_000) - (Date.now() - cutAt));
      if (link === "github") await waitsForPush(rig, held);
      wire.thaw();
      await crowd.complete();
      if (link !== "postgres") onceEach(crowd.turns());
      return visible;
    },
  };
}

/** The runs that a runner works on now. */
async function heldBy({ fleet, postgres }: Rig, name: string) {
  const held = await postgres.query<{ adwId: string }>(
    `SELECT r.adw_id AS "adwId" FROM phase_runs p JOIN workflow_runs r ON r.id = p.workflow_run_id
      WHERE p.status = 'running' AND p.owner LIKE '%:' || $1`,
    [String(fleet.get(name).pid)],
  );
  return held.map(({ adwId }) => adwId);
}

/** Its leases are kept, as Postgres is there: it goes on with what it has, and nobody else begins it. */
async function waitsForPush(rig: Rig, held: readonly string[]): Promise<void> {
  const kept = await heldBy(rig, RUNNER);
  assert.deepEqual(kept.toSorted(), held.toSorted());
}

const slow: FaultCase = {
  number: 20,
  name: "a runner 400 ms away from Postgres",
  backends: bothBackends,
  rig: { wired: [RUNNER], replicas: { api: 1, poller: 1 } },
  async run(rig, random) {
    const crowd = await gather(rig, 4);
    const wire = rig.wire(RUNNER, "postgres");
    const before = await slowAnswers(rig);
    // Each way; a lease of this rig is a twentieth of a deployment's, and a new connection needs four round trips of it.
    wire.slow(random.between(150, 250));
    crowd.release();
    await crowd.complete();
    wire.slow(0);
    // Also where the metric is not there at all.
    if (!((await slowAnswers(rig)) > before))
      throw new Error("No metric shows how far away Postgres was (O7).");
    return [];
  },
};

/** How many answers of Postgres the runner has waited for longer than a quarter of a second, by its own metrics. */
async function slowAnswers({ fleet }: Rig): Promise<number> {
  const text = await fleet.get(RUNNER).metrics();
  const value = (series: string) =>
    Number(
      new RegExp(
        `^pullwright_database_seconds_${series}\\S* (\\d+)$`,
        "m",
      ).exec(text)?.[1],
    );
  return value("count") - value('bucket\\{le="0\\.25"');
}

export const partialCut: readonly FaultCase[] = [
  cut("postgres", bothBackends, [
    { service: RUNNER, log: /a heartbeat failed/ },
  ]),
  cut(
    "redis",
    ["redis"],
    [{ service: RUNNER, log: /queue (?:does not work|works again)/ }],
  ),
  // Git waits a minute before it gives a silent server up: until then the phases' time tells, as the case looks.
  cut("github", bothBackends, []),
  slow,
];
