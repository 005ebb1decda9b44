import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { armAlone, stoodStill } from "../rig/strike.js";
import { awaitFencedOut } from "./fenced-out.js";

/** Where a runner that wakes up has most to spoil. */
const moments = [
  "stop:runner.agent-running",
  "stop:runner.committed",
  "stop:runner.prepared-not-pushed",
  "stop:runner.pushed-not-recorded",
  "stop:runner.done-not-recorded",
] as const;

/** Stopped at a moment of its work for longer than its lease, another runner does the work, then it goes on. */
export const zombieRunner: FaultCase = {
  number: 13,
  name: "a runner stands still for longer than its lease",
  backends: bothBackends,
  async run(rig, random) {
    const { victim, siblings } = await armAlone(
      rig.fleet,
      "agent-runner",
      random.pick(moments),
    );
    const fencedOut = awaitFencedOut(victim);
    const issue = rig.ask();
    await stoodStill(victim);
    await Promise.all(siblings.map((sibling) => sibling.start()));
    const [run] = await rig.wait([issue]);
    assert.equal(run?.status, "completed");
    victim.resume();
    await fencedOut.seen();
    await victim.restart();
    return fencedOut.sightings;
  },
};
