import { strict as assert } from "node:assert";
import { killPoints, type KillPoint } from "@pullwright/platform";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { serviceKinds, type ServiceKind } from "../rig/service-kinds.js";
import type { Rig } from "../rig/rig.js";
import { armAlone, struck, type KillPointSetting } from "../rig/strike.js";
import { provocationsFor, type Provoked } from "./provocations.js";

const allPoints = Object.keys(killPoints) as KillPoint[]; // A literal's keys, which Object.keys widens to string.
const ENDS_WITHIN_MS = 240_000;

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

/** Kills a service of a kind at each of its points; what it did not do its sibling or its next process does. */
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
      for (const point of random.shuffle(points)) {
        if (rig.options.backend !== "redis" && redisOnly.has(point)) continue;
        const time = random.between(1, surelyReached[point] ?? 1);
        const setting = `${point}@${time}` as const;
        met.push([
          point,
          await killAt(rig, kind, setting, () => provoke(point)),
        ]);
      }
      for (const [point, { issue, end }] of met) {
        const [run] = await rig.wait([issue], undefined, ENDS_WITHIN_MS);
        assert.equal(run?.status, end, `the run that met ${point}`);
      }
      return [{ service: kind, log: /will strike at a kill point/ }];
    },
  };
}

async function killAt(
  rig: Rig,
  kind: ServiceKind,
  setting: KillPointSetting,
  provoke: () => Promise<Provoked>,
): Promise<Provoked> {
  const { victim, siblings } = await armAlone(rig.fleet, kind, setting);
  const provoked = provoke();
  // A provocation that fails tells so at once; one that succeeds is followed by the strike.
  await Promise.race([struck(victim), provoked.then(() => struck(victim))]);
  await Promise.all([...siblings, victim].map((service) => service.start()));
  return provoked;
}

/** So many take a few minutes at most. */
const PART = 6;

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
