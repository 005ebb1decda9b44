import { setTimeout as sleep } from "node:timers/promises";
import type { Rig } from "../rig/rig.js";
import { checkDatabase, checkDeliveries } from "./check-database.js";
import { checkGitHub } from "./check-github.js";
import { checkLogs } from "./check-logs.js";
import { checkMachine } from "./check-machine.js";
import { checkPushes } from "./check-pushes.js";
import { checkSightings, type Mark, type Sighting } from "./sightings.js";
import type { Violation } from "./violation.js";

export interface OracleOptions {
  /** Where the fault must show. */
  readonly visible?: readonly Sighting[];
  /** When the case began; without it, everything counts. */
  readonly since?: Mark;
  /** How long everything may take to come to rest. */
  readonly withinMs?: number;
}

const SETTLES_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 500;

/**
 * Asks, after a fault, whether everything is as promised; returns what is not, with evidence.
 *
 * Services that are down are started first: a machine that died comes back, and its runner clears what it left there.
 * What still moves is given time, as everything here is about ends.
 */
export async function checkOracle(
  rig: Rig,
  options: OracleOptions = {},
): Promise<Violation[]> {
  await rig.fleet.start(rig.fleet.all.filter(({ isRunning }) => !isRunning));
  const giveUpAt = performance.now() + (options.withinMs ?? SETTLES_WITHIN_MS);
  for (;;) {
    const violations = await checkDatabase(rig);
    if (violations.length === 0)
      violations.push(...(await checkRest(rig, options)));
    if (violations.length === 0) return [];
    if (performance.now() > giveUpAt)
      // All of them, for whoever looks for the reason.
      return [
        ...(await checkDatabase(rig)),
        ...(await checkRest(rig, options)),
      ];
    await sleep(LOOK_EVERY_MS);
  }
}

async function checkRest(
  rig: Rig,
  { since, visible = [] }: OracleOptions,
): Promise<Violation[]> {
  const all = await Promise.all([
    checkDeliveries(rig),
    checkGitHub(rig),
    checkMachine(rig),
    checkPushes(rig),
    checkSightings(rig, since, visible),
    checkLogs(rig),
  ]);
  return all.flat();
}
