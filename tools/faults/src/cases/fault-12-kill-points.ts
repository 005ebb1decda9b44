import { strict as assert } from "node:assert";
import { killPoints, type KillPoint } from "@pullwright/platform";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { serviceKinds, type ServiceKind } from "../rig/service-kinds.js";
import type { Fleet } from "../rig/fleet.js";
import type { ServiceProcess } from "../rig/service-process.js";
import { struck } from "../rig/strike.js";
import { provocationsFor, type Provoked } from "./provocations.js";

const allPoints = Object.keys(killPoints) as KillPoint[]; // A literal's keys, which Object.keys widens to string.

/** On Postgres the rings go when everything goes. */
const redisOnly: ReadonlySet<KillPoint> = new Set([
  "reconciler.emptied-not-forgotten",
]);

/** How often what provokes a point leads to it at least, where that is more than once: a later time is struck as well. */
const surelyReached: Partial<Readonly<Record<KillPoint, number>>> = {
  "orchestrator.delivery-taken": 2,
  "orchestrator.delivery-handled-not-settled": 2,
  "orchestrator.delivery-settled": 2,
  "orchestrator.effect-claimed": 3,
  "orchestrator.effect-completed": 3,
  // The second push brings the branch onto a base that has moved.
  "runner.workspace-ready": 2,
  "runner.prepared-not-pushed": 2,
  "runner.pushed-not-recorded": 2,
};

/** The poller's own: GitHub lets it do more than others need. A runner is told to end before its agents do. */
function rigFor(kind: ServiceKind): Pick<FaultCase, "rig"> {
  switch (kind) {
    case "poller":
      return { rig: {} };
    case "agent-runner":
      return { rig: { env: { DRAIN_SECONDS: "1" } } };
    default:
      return {};
  }
}

/** Kills the only service of a kind at each of its points; what it did not do its next process does, or its sibling's. */
function killedAt(
  service: string,
  kind: ServiceKind,
  points: readonly KillPoint[],
): FaultCase {
  return {
    number: 12,
    name: `SIGKILL at each kill point of ${service}`,
    backends: bothBackends,
    ...rigFor(kind),
    async run(rig, random) {
      const provoke = provocationsFor(rig, random);
      const met: [KillPoint, Provoked][] = [];
      let [victim, sibling] = pairOf(rig.fleet, kind);
      await sibling.stop();
      for (const point of random.shuffle(points)) {
        if (rig.options.backend !== "redis" && redisOnly.has(point)) continue;
        const time = random.between(1, surelyReached[point] ?? 1);
        await arm(victim, point, time);
        const provoking = provoke(point, victim);
        // A provocation that fails tells so at once; one that succeeds is followed by the strike.
        const strikes = struck(victim);
        await Promise.race([strikes, provoking.then(() => strikes)]);
        // GitHub knows one address only.
        if (kind !== "webhook-gateway" && random.pick([true, false]))
          [victim, sibling] = [sibling, victim];
        await victim.start();
        met.push([point, await provoking]);
      }
      await sibling.start();
      for (const [point, { issue, end }] of met) {
        const [run] = await rig.wait([issue]);
        assert.equal(run?.status, end, `the run that met ${point}`);
      }
      return [{ service: kind, log: /will strike at a kill point/ }];
    },
  };
}

/** What only a start leads to is armed by one. */
async function arm(
  victim: ServiceProcess,
  point: KillPoint,
  time: number,
): Promise<void> {
  const setting = `${point}@${time}` as const;
  if (!point.startsWith("poller.hook-log-")) return victim.arm(setting);
  const env = { DEBUG: "true", KILL_POINT: setting };
  await victim.restart({ wait: "none", env });
}

function pairOf(
  fleet: Fleet,
  kind: ServiceKind,
): [ServiceProcess, ServiceProcess] {
  const [one, other] = fleet.of(kind);
  if (one === undefined || other === undefined)
    throw new Error(`There are not two of ${kind}.`);
  return [one, other];
}

/** So many take a few minutes at most, half of that at the end: what a dead process held is waited out for all of them together. */
const PART = 12;

type PlaceOf<Point> = Point extends `${infer Place}.${string}` ? Place : never;

/** Which service comes to a point: a new first word of a name does not compile before it stands here. */
const kinds: Readonly<Record<PlaceOf<KillPoint>, ServiceKind>> = {
  gateway: "webhook-gateway",
  poller: "poller",
  orchestrator: "orchestrator",
  reconciler: "orchestrator",
  runner: "agent-runner",
  api: "api",
};

const kindOf = (point: KillPoint): ServiceKind =>
  kinds[point.split(".")[0] as PlaceOf<KillPoint>]; // So its type says.

function inParts(kind: ServiceKind): FaultCase[] {
  const points = allPoints.filter((point) => kindOf(point) === kind);
  const parts = Array.from(
    { length: Math.ceil(points.length / PART) },
    (_, index) => points.slice(index * PART, (index + 1) * PART),
  );
  return parts.map((part, index) =>
    killedAt(
      `the ${kind}${parts.length === 1 ? "" : `, part ${index + 1}`}`,
      kind,
      part,
    ),
  );
}

/** Every kill point there is. */
export const killPointCases: readonly FaultCase[] =
  serviceKinds.flatMap(inParts);
