import type { Rig } from "../rig/rig.js";
import type { ServiceProcess } from "../rig/service-process.js";

/** The runner that works on a run now, if one does. */
export async function runnerOf(
  rig: Rig,
  adwId: string,
): Promise<ServiceProcess | undefined> {
  const [attempt] = await rig.postgres.query<{ owner: string }>(
    `SELECT p.owner FROM phase_runs p JOIN workflow_runs r ON r.id = p.workflow_run_id
      WHERE r.adw_id = $1 AND p.status = 'running'`,
    [adwId],
  );
  const pid = Number(attempt?.owner.split(":").at(-1));
  return rig.fleet
    .of("agent-runner")
    .find((candidate) => candidate.pid === pid);
}
