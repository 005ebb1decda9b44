import type { StatsFs } from "node:fs";
import { statfs } from "node:fs/promises";

const LEAST_BYTES = 1024 ** 2;
const LEAST_FILES = 16;

/** Whether there is nothing left to write to below the folder: whatever failed there may have failed for that. */
export async function isDiskFull(folder: string): Promise<boolean> {
  return isFull(await statfs(folder));
}

/** Of space, or of inodes where the file system counts them. */
export function isFull({
  bavail,
  bsize,
  files,
  ffree,
}: Pick<StatsFs, "bavail" | "bsize" | "files" | "ffree">): boolean {
  return bavail * bsize < LEAST_BYTES || (files > 0 && ffree < LEAST_FILES);
}
