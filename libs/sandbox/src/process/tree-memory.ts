import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { machineFilesBytes, type MemoryFiles } from "./memory-files.js";
import type { ProcessEntry } from "./process-table.js";

const AT_PAGESZ = 6n;
const DEFAULT_PAGE_BYTES = 4096;

/**
 * Whether a set of processes holds more memory than it may, with what lies in folders in memory and in open files in memory.
 * The sum of resident pages is cheap but counts pages shared after a fork once for each process; only when that sum is over
 * the limit does the kernel's proportional figure decide. The open files are looked for only where all such files of this
 * machine could make it too much. A file in a folder in memory counts twice while it is mapped as well.
 */
export async function exceedsMemory(
  entries: readonly ProcessEntry[],
  limitBytes: number,
  inFoldersBytes: number,
  files: MemoryFiles,
): Promise<boolean> {
  const resident = entries.reduce(
    (sum, entry) => sum + entry.residentPages * pageBytes(),
    inFoldersBytes,
  );
  if (resident + machineFilesBytes() <= limitBytes) return false;
  const inFilesBytes = await files.bytesOpenIn(entries);
  if (resident + inFilesBytes <= limitBytes) return false;
  const shares = await Promise.all(entries.map(shareOf));
  const sum = (pick: (share: Share) => number) =>
    shares.reduce((total, share) => total + pick(share), 0);
  // What is mapped of the open files is among the mapped ones: the greater of the two.
  const filesBytes = Math.max(
    inFilesBytes,
    sum((share) => share.ofMemoryFiles),
  );
  return sum((share) => share.own) + filesBytes + inFoldersBytes > limitBytes;
}

/** A process's proportional share, in bytes. */
interface Share {
  readonly own: number;
  /** Of files in memory that it has mapped. */
  readonly ofMemoryFiles: number;
}

async function shareOf(entry: ProcessEntry): Promise<Share> {
  const rollup = await readFile(
    `/proc/${entry.pid.toString()}/smaps_rollup`,
    "latin1",
  ).catch(() => "");
  const bytes = (name: string) => {
    const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(
      rollup,
    )?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  };
  const all = bytes("Pss") ?? entry.residentPages * pageBytes();
  const ofMemoryFiles = bytes("Pss_Shmem") ?? 0;
  return { own: all - ofMemoryFiles, ofMemoryFiles };
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
