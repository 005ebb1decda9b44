import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Rig } from "../rig/rig.js";
import { violationsOf, type Violation } from "./violation.js";

/** O5 on this machine: agents' processes and folders of attempts, while no run is at work. */
export async function checkMachine(rig: Rig): Promise<Violation[]> {
  const runs = await rig.runs();
  if (runs.some(({ status }) => ["pending", "running"].includes(status)))
    return []; // They may have some; that they end is another rule's.
  const [processes, folders, leases] = await Promise.all([
    agentProcesses(runs.map(({ adwId }) => adwId)),
    attemptFolders(rig),
    deadHolders(rig),
  ]);
  return [
    ...violationsOf("O5", processes, () => "a process of an agent is left"),
    ...violationsOf("O5", folders, () => "a folder of an attempt is left"),
    ...violationsOf("O5", leases, () => "a dead process holds a lease"),
    ...violationsOf(
      "O2",
      rig.fleet.all.flatMap(({ surprises }) => surprises),
      (surprise) => surprise,
    ),
  ];
}

/** In whatever namespace and of whatever parent: they bear the run's id in their environment. */
async function agentProcesses(adwIds: readonly string[]): Promise<object[]> {
  const ours = new Set(adwIds);
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(
        `/proc/${pid}/environ`,
        "latin1",
      ).catch(() => "");
      const run = /(?:^|\0)PULLWRIGHT_RUN_ID=([^\0]*)/.exec(environment)?.[1];
      return run !== undefined && ours.has(run) ? [{ pid, run }] : [];
    }),
  );
  return found.flat();
}

async function attemptFolders(rig: Rig): Promise<string[]> {
  const runners = rig.fleet.of("agent-runner");
  const found = await Promise.all(
    runners.map(async ({ name }) => {
      const root = join(rig.folder, "work", name, "workspaces");
      const holders = await namesIn(join(root, "attempts"));
      const attempts = await Promise.all(
        holders.map((holder) => namesIn(join(root, "attempts", holder))),
      );
      return [...(await namesIn(join(root, "checkouts"))), ...attempts.flat()];
    }),
  );
  return found.flat();
}

const namesIn = async (folder: string) =>
  (await readdir(folder).catch(() => [])).filter(
    (name) => !name.startsWith("."),
  );

async function deadHolders({ fleet, postgres }: Rig): Promise<object[]> {
  const living = new Set(fleet.all.map(({ pid }) => String(pid)));
  const leases = await postgres.query<{ name: string; owner: string }>(
    "SELECT name, owner FROM leases WHERE lease_until > now()",
  );
  return leases.filter(
    ({ owner }) => !living.has(owner.split(":").at(-1) ?? ""),
  );
}
