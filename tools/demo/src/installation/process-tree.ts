import { readdir, readFile } from "node:fs/promises";

/**
 * The living processes that a process started, and those that they did. Empty where there is no `/proc`.
 *
 * Asked for before the kill: afterwards they are children of process 1 and nobody knows whose they were.
 */
export async function descendantsOf(pid: number): Promise<number[]> {
  const names = await readdir("/proc").catch(() => []);
  const parents = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => [Number(name), await parentOf(name)] as const),
  );
  const family = [pid];
  for (const ancestor of family) {
    for (const [child, parent] of parents)
      if (parent === ancestor) family.push(child);
  }
  return family.slice(1);
}

async function parentOf(pid: string): Promise<number | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1");
    // After the last bracket, since a process may put one into its own name. A zombie is gone already.
    const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state === "Z" ? undefined : Number(parent);
  } catch {
    return undefined; // It ended while we looked.
  }
}

/** Kills what is still there. */
export function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
  }
}
