import { strict as assert } from "node:assert";
import { killPoints, type KillPoint } from "@pullwright/platform";
import type { ServiceKind } from "../rig/fleet.js";
import type { Random } from "../rig/random.js";
import type { Rig } from "../rig/rig.js";
import { arm, struck } from "../rig/strike.js";
import { provocationsFor, type Provoked } from "./provocations.js";

const kinds: Readonly<Record<string, ServiceKind>> = {
  gateway: "webhook-gateway",
  poller: "poller",
  orchestrator: "orchestrator",
  reconciler: "orchestrator",
  runner: "agent-runner",
  api: "api",
};

const allPoints = Object.keys(killPoints) as KillPoint[]; // A literal's keys, which Object.keys widens to string.
const isPoller = (point: KillPoint) => point.startsWith("poller.");
const ENDS_WITHIN_MS = 180_000;

/** Kills a service at each of the points; what it did not do its sibling or its next process does. */
export async function killAtEach(
  rig: Rig,
  random: Random,
  points: readonly KillPoint[] = allPoints,
): Promise<void> {
  const provoke = provocationsFor(rig);
  const shuffled = random.shuffle(points);
  const inTurn = async (some: readonly KillPoint[]) => {
    const met: [KillPoint, Provoked][] = [];
    for (const point of some)
      met.push([point, await killAt(rig, point, () => provoke(point))]);
    return met;
  };
  // A dead poller's lease lasts so long that the others need not wait for it.
  const met = await Promise.all([
    inTurn(shuffled.filter(isPoller)),
    inTurn(shuffled.filter((point) => !isPoller(point))),
  ]);
  for (const [point, { issue, end }] of met.flat()) {
    const [run] = await rig.wait([issue], undefined, ENDS_WITHIN_MS);
    assert.equal(run?.status, end, `the run that met ${point}`);
  }
}

/** One process of the kind is armed and the others are stopped, so that it is the one that comes there. */
async function killAt(
  rig: Rig,
  point: KillPoint,
  provoke: () => Promise<Provoked>,
): Promise<Provoked> {
  const kind = kinds[point.slice(0, point.indexOf("."))];
  assert(kind !== undefined, `${point} is in no service`);
  const [victim, ...siblings] = rig.fleet.of(kind);
  assert(victim !== undefined);
  await Promise.all(siblings.map((sibling) => sibling.stop()));
  await arm(victim, point);
  const provoked = provoke();
  // Its end counts after the strike; a provocation that fails must tell before.
  await Promise.race([struck(victim), provoked.then(() => struck(victim))]);
  await Promise.all(siblings.map((sibling) => sibling.start()));
  await victim.start();
  return provoked;
}
