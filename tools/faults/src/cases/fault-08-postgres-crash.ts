import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { HEARTBEAT_TIMEOUT_SECONDS, type Rig } from "../rig/rig.js";
import { agentsOf } from "./agents-of.js";
import { gather, onceEach, pause } from "./crowd.js";

const LEASE_MS = HEARTBEAT_TIMEOUT_SECONDS * 1_000;
/** A runner lets go of its agents a quarter of the lease before its end, and its last heartbeat was a second ago. */
const SHORT_MS = LEASE_MS * 0.75 - 1_000;

/** Back at once: the agents live on, as the outage is shorter than their lease. In the midst of commits: see the kill points. */
export const postgresCrash: FaultCase = {
  number: 8,
  name: "Postgres crashes amid phases and commits",
  backends: bothBackends,
  async run(rig, random) {
    const crowd = await gather(rig, 6);
    const adwIds = crowd.turns().map(({ adwId }) => adwId);
    const agents = await agentsOf(adwIds);
    await pause(random.between(0, 500));
    const outageMs = await outage(rig);
    await pause(LEASE_MS); // A runner that lost its lease has ended its agents by then.
    if (outageMs < SHORT_MS) {
      const living = await agentsOf(adwIds);
      assert.deepEqual(
        agents.filter((pid) => !living.includes(pid)),
        [],
        "an agent did not survive a short outage",
      );
      onceEach(crowd.turns());
    }
    crowd.release();
    // Now amid the commits of results and of the next claims.
    await pause(random.between(100, 1_500));
    const again = await outage(rig);
    await crowd.complete();
    // What an agent had done when Postgres went away was recorded once it was back.
    if (outageMs < SHORT_MS && again < SHORT_MS) onceEach(crowd.turns());
    return [
      {
        service: "agent-runner",
        log: /database connection broke|heartbeat failed/,
      },
    ];
  },
};

/** How many milliseconds Postgres was away: a busy machine may make it longer than a lease allows. */
async function outage({ postgres }: Rig): Promise<number> {
  const startedAt = performance.now();
  await postgres.crash();
  await postgres.restart();
  return performance.now() - startedAt;
}
