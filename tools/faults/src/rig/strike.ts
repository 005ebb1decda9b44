import type { KillPoint } from "@pullwright/platform";
import { until } from "@pullwright/testing";
import type { ServiceProcess } from "./service-process.js";

const STRIKES_WITHIN_MS = 60_000;

/** What a service does at a kill point, in the words of the setting `KILL_POINT`. */
export type KillPointSetting =
  | `${"" | "stop:" | `block:${number}:`}${KillPoint}`
  | `${KillPoint}@${number}`;

/** Replaces the process of a service by one that will strike. It may do so before it is ready. */
export async function arm(
  service: ServiceProcess,
  setting: KillPointSetting,
): Promise<void> {
  await service.kill();
  await service.start({
    wait: "none",
    env: { DEBUG: "true", KILL_POINT: setting },
  });
}

/** Waits until an armed service has killed itself. */
export async function struck(service: ServiceProcess): Promise<void> {
  await until(
    () => !service.isRunning,
    `${service.name} reaches its kill point`,
    STRIKES_WITHIN_MS,
  );
}
