import { statfsSync } from "node:fs";
import { join } from "node:path";

/** What the kernel holds of a file beside its content: measured 752 bytes of inode and 192 of name. */
const INODE_BYTES = 1024;

/**
 * What lies in folders in memory, as a process sees them: it belongs to no process, and so no process's figures hold it. None
 * where the kernel refuses us the look; then only the folders' own sizes bind.
 */
export function bytesInFolders(
  pid: number,
  folders: readonly string[],
): number {
  return folders.reduce((sum, folder) => sum + bytesIn(pid, folder), 0);
}

function bytesIn(pid: number, folder: string): number {
  try {
    // At once, as all that is asked of /proc here: such a file system answers without waiting for a disk.
    const { blocks, bfree, bsize, files, ffree } = statfsSync(
      join(`/proc/${pid.toString()}/root`, folder),
    );
    return (blocks - bfree) * bsize + (files - ffree) * INODE_BYTES;
  } catch {
    return 0;
  }
}
