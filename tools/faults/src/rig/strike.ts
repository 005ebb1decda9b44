import { readFile } from "node:fs/promises";
import { until } from "@pullwright/testing";
import type { Fleet } from "./fleet.js";
import type { ServiceKind } from "./service-kinds.js";
import type { KillPointSetting, ServiceProcess } from "./service-process.js";

const STRIKES_WITHIN_MS = 180_000;

/** Waits until an armed service has killed itself. */
export async function struck(service: ServiceProcess): Promise<void> {
  await until(
    () => !service.isRunning,
    `${service.name} reaches its kill point`,
    STRIKES_WITHIN_MS,
  );
}

/** Waits until an armed service has stopped itself. */
export async function stoodStill(service: ServiceProcess): Promise<void> {
  await until(
    async () => (await stateOf(service.pid)) === "T",
    `${service.name} stops at its kill point`,
    STRIKES_WITHIN_MS,
  );
}

/** The letter by which Linux names what a process does. */
async function stateOf(pid: number | undefined): Promise<string | undefined> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(
    () => "",
  );
  return stat.slice(stat.lastIndexOf(")") + 2)[0];
}

/** Has one service alone do the work of its kind, and strike when it comes there. */
export async function armAlone(
  fleet: Fleet,
  kind: ServiceKind,
  setting: KillPointSetting,
): Promise<{ victim: ServiceProcess; siblings: ServiceProcess[] }> {
  const [victim, ...siblings] = fleet.of(kind);
  if (victim === undefined) throw new Error(`There is no ${kind}.`);
  await Promise.all(siblings.map((sibling) => sibling.stop()));
  await victim.arm(setting);
  return { victim, siblings };
}
