import { setTimeout as sleep } from "node:timers/promises";

import { readProcess, readProcessTable } from "./process-table.js";
import { isOrphaned, markerOf } from "./tree-marker.js";

const ROUNDS = 20;
const ROUND_MS = 20;

/**
 * Kills the processes that supervisors left which were killed themselves; returns how many. Of a namespace of its own only
 * the wrapper is marked: the others die with it.
 */
export async function endOrphans(): Promise<number> {
  const ended = new Set<number>();
  // Again until nobody is found: a process may have forked between our look and our kill.
  for (let round = 0; round < ROUNDS; round++) {
    const orphans = await findOrphans();
    if (orphans.length === 0) break;
    for (const { pid, startTime } of orphans) {
      if (readProcess(pid)?.startTime !== startTime) continue;
      ended.add(pid);
      kill(pid);
    }
    await sleep(ROUND_MS);
  }
  return ended.size;
}

async function findOrphans() {
  const table = await readProcessTable();
  const living = [...table.values()].filter((entry) => !entry.gone);
  const markers = await Promise.all(living.map((entry) => markerOf(entry.pid)));
  return living.filter((_, index) => {
    const marker = markers[index];
    return marker !== undefined && isOrphaned(marker);
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself in this very moment.
  }
}
