import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { armAlone, stoodStill, type KillPointSetting } from "../rig/strike.js";
import type { ServiceKind } from "../rig/service-kinds.js";
import { pause } from "./crowd.js";

/** Longer than anything that these services hold in a rig. */
const STANDS_STILL_MS = 12_000;
/** Time enough to do what it was about to do. */
const WAKES_UP_MS = 3_000;

/**
 * A service stands still with something in its hands for longer than it may hold it, its sibling does the work, then it
 * goes on. What it does then must be in vain: the oracle finds a second comment, pull request or run.
 */
function standsStill(
  kind: ServiceKind,
  name: string,
  moments: readonly [KillPointSetting, ...KillPointSetting[]],
): FaultCase {
  return {
    number: 13,
    name,
    backends: bothBackends,
    async run(rig, random) {
      const { victim, siblings } = await armAlone(
        rig.fleet,
        kind,
        random.pick(moments),
      );
      const issue = rig.ask();
      await stoodStill(victim);
      if (await victim.isReady())
        throw new Error("A service that stands still passes for ready (O7).");
      await Promise.all(siblings.map((sibling) => sibling.start()));
      const [[run]] = await Promise.all([
        rig.wait([issue]),
        pause(STANDS_STILL_MS),
      ]);
      assert.equal(run?.status, "completed");
      victim.resume();
      await pause(WAKES_UP_MS);
      await victim.restart();
      return [];
    },
  };
}

export const zombieWorkers: readonly FaultCase[] = [
  standsStill(
    "orchestrator",
    "an orchestrator stands still with a delivery or an effect in its hands",
    [
      "stop:orchestrator.delivery-taken",
      "stop:orchestrator.run-created-not-rung",
      "stop:orchestrator.delivery-handled-not-settled",
      "stop:orchestrator.effect-claimed",
      "stop:orchestrator.comment-created-not-recorded",
      "stop:orchestrator.labels-set-not-recorded",
      "stop:orchestrator.pull-request-opened-not-recorded",
    ],
  ),
  standsStill("poller", "a poller stands still amid a poll", [
    "stop:poller.read-not-recorded",
    "stop:poller.recorded-cursor-not-moved",
  ]),
];
