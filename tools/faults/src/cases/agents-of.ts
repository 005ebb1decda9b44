import { readdir, readFile } from "node:fs/promises";

/** The processes that work for these runs: they bear the run's id in their environment. */
export async function agentsOf(adwIds: readonly string[]): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const bearers = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(
        `/proc/${pid}/environ`,
        "latin1",
      ).catch(
        () => "", // It has ended.
      );
      const run = /(?:^|\0)PULLWRIGHT_RUN_ID=([^\0]*)/.exec(environment)?.[1];
      return run !== undefined && adwIds.includes(run);
    }),
  );
  return pids.filter((_, index) => bearers[index]).map(Number);
}
