import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Sighting } from "../oracle/sightings.js";
import type { KillPointSetting } from "../rig/service-process.js";
import { armAlone, stoodStill } from "../rig/strike.js";
import { pause } from "./crowd.js";
import { holderOf, leaseOf } from "./holder-of.js";

/** Longer than anything that these services hold in a rig. */
const STANDS_STILL_MS = 12_000;
/** Time enough to do what it was about to do. */
const WAKES_UP_MS = 3_000;

/**
 * A service stands still with something in its hands for longer than it may hold it, its sibling does the work, then it
 * goes on. What it does then must be in vain: the oracle finds a second comment, pull request or run.
 */
function standsStill(
  kind: keyof typeof leaseOf,
  name: string,
  moments: readonly [KillPointSetting, ...KillPointSetting[]],
  takesOver: (sibling: string) => Sighting,
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
      const holder = await holderOf(rig, leaseOf[kind]);
      assert(siblings.some(({ pid }) => pid === holder));
      victim.resume();
      await pause(WAKES_UP_MS);
      await victim.restart();
      return siblings.map((sibling) => takesOver(sibling.name));
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
    // Only the holder of the reconciler's lease does steps.
    (service) => ({
      service,
      metric: /reconciler_steps_total\{[^}]*outcome="done"/,
    }),
  ),
  standsStill(
    "poller",
    "a poller stands still amid a poll",
    ["stop:poller.read-not-recorded", "stop:poller.recorded-cursor-not-moved"],
    (service) => ({ service, log: /this poller polls now/ }),
  ),
];
