import { readdir, readFile } from "node:fs/promises";

/** Processes of a run's agent, in whatever namespace: they bear the run's id. */
export async function processesOf(adwId: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map((pid) =>
      readFile(`/proc/${pid}/environ`, "latin1").catch(() => ""),
    ),
  );
  return pids
    .filter((_, index) =>
      environments[index]?.includes(`PULLWRIGHT_RUN_ID=${adwId}\0`),
    )
    .map(Number);
}
