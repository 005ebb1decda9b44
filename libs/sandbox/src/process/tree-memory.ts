import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import type { ProcessEntry } from "./process-table.js";

const AT_PAGESZ = 6n;
const DEFAULT_PAGE_BYTES = 4096;

/**
 * Whether a set of processes holds more memory than it may, with what lies in folders in memory. The sum of resident pages
 * is cheap but counts pages shared after a fork once for each process; only when that sum is over the limit does the kernel's
 * proportional figure decide. A file in such a folder counts twice while it is mapped as well.
 */
export async function exceedsMemory(
  entries: readonly ProcessEntry[],
  limitBytes: number,
  inFoldersBytes: number,
): Promise<boolean> {
  const resident = entries.reduce(
    (sum, entry) => sum + entry.residentPages * pageBytes(),
    inFoldersBytes,
  );
  if (resident <= limitBytes) return false;
  const proportional = await Promise.all(
    entries.map(
      async (entry) =>
        (await proportionalBytes(entry.pid)) ??
        entry.residentPages * pageBytes(),
    ),
  );
  return (
    proportional.reduce((sum, bytes) => sum + bytes, inFoldersBytes) >
    limitBytes
  );
}

async function proportionalBytes(pid: number): Promise<number | undefined> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "latin1").catch(
    () => "",
  );
  const kibibytes = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

let cachedPageBytes: number | undefined;

/** The page size from the auxiliary vector; 16 or 64 KiB on some arm64 kernels. */
function pageBytes(): number {
  cachedPageBytes ??= readPageBytes();
  return cachedPageBytes;
}

function readPageBytes(): number {
  try {
    const vector = readFileSync("/proc/self/auxv");
    for (let at = 0; at + 16 <= vector.length; at += 16) {
      if (vector.readBigUInt64LE(at) === AT_PAGESZ)
        return Number(vector.readBigUInt64LE(at + 8));
    }
  } catch {
    // No /proc: nothing is sampled then anyway.
  }
  return DEFAULT_PAGE_BYTES;
}
