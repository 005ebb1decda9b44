import { strict as assert } from "node:assert";
import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { armAlone } from "../rig/strike.js";
import { awaitFencedOut } from "./fenced-out.js";

/** Nothing of this process runs for longer than its lease, no heartbeat among it. */
export const eventLoopBlocked: FaultCase = {
  number: 14,
  name: "a runner's event loop is blocked for longer than its lease",
  backends: bothBackends,
  async run(rig, random) {
    const blockedMs = random.between(10_000, 14_000);
    const { victim, siblings } = await armAlone(
      rig.fleet,
      "agent-runner",
      `block:${blockedMs}:runner.agent-running`,
    );
    const fencedOut = awaitFencedOut(victim);
    const issue = rig.ask();
    await until(
      () => rig.director.turns.some(({ issueNumber }) => issueNumber === issue),
      "the agent begins",
      60_000,
    );
    await Promise.all(siblings.map((sibling) => sibling.start()));
    const [run] = await rig.wait([issue]);
    assert.equal(run?.status, "completed");
    await fencedOut.seen();
    await victim.restart();
    return fencedOut.sightings;
  },
};
