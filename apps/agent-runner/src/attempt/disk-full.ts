import { randomUUID } from "node:crypto";
import type { StatsFs } from "node:fs";
import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AppError, codeOf } from "@pullwright/platform";

const LEAST_BYTES = 1024 ** 2;
const LEAST_FILES = 16;

/** Under git's own code for it: the runner's loss, whoever met it first. */
export class DiskFull extends AppError {
  constructor(message: string) {
    super("DISK_FULL", message, { level: "warn" });
  }
}

/**
 * What failed where nothing can be written may have failed for that: neither an agent nor the code is to blame.
 * @param folder of the attempt's own, on the disk that it works on
 * @throws DiskFull
 */
export async function insistOnRoom(
  folder: string,
  whatFailed: string,
): Promise<void> {
  if (isFull(await statfs(folder)) || !(await canWrite(folder)))
    throw new DiskFull(whatFailed);
}

/** Whether neither a megabyte is left nor a handful of inodes, where the file system counts them. */
export function isFull({
  bavail,
  bsize,
  files,
  ffree,
}: Pick<StatsFs, "bavail" | "bsize" | "files" | "ffree">): boolean {
  return bavail * bsize < LEAST_BYTES || (files > 0 && ffree < LEAST_FILES);
}

/** What ext4 counts as free it gives out only once its journal has forgotten who had it. */
async function canWrite(folder: string): Promise<boolean> {
  const file = join(folder, randomUUID());
  try {
    await writeFile(file, Buffer.alloc(LEAST_BYTES));
    return true;
  } catch (error) {
    if (!["ENOSPC", "EDQUOT"].includes(codeOf(error) ?? "")) throw error;
    return false;
  } finally {
    await rm(file, { force: true });
  }
}
