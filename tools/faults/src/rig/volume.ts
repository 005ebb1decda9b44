import { execFile } from "node:child_process";
import { mkdir, rm, stat, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { codeOf } from "@pullwright/platform";

const run = promisify(execFile);

/** A small ext4 of its own, to be filled. */
export interface Volume {
  readonly folder: string;
  /** Takes what is left of the space, or of the inodes where they are few, and gives it back. */
  fill(): Promise<void>;
  free(): Promise<void>;
  close(): Promise<void>;
}

/** Mounts a loop device of so many megabytes at the folder; needs root. */
export async function mountVolume(
  folder: string,
  {
    megabytes,
    inodes,
  }: { readonly megabytes: number; readonly inodes?: number },
): Promise<Volume> {
  const image = `${folder}.img`;
  const ballast = `${folder}/ballast`;
  await mkdir(folder, { recursive: true });
  await writeFile(image, "");
  await truncate(image, megabytes * 1024 * 1024);
  const few = inodes === undefined ? [] : ["-N", inodes.toString()];
  // Nothing reserved for root, who could otherwise go on writing.
  await run("mkfs.ext4", ["-q", "-F", "-m", "0", ...few, image]);
  await run("mount", ["-o", "loop", image, folder]);
  return {
    folder,
    fill: () =>
      inodes === undefined ? takeSpace(ballast) : takeInodes(ballast),
    free: () => rm(ballast, { force: true, recursive: true }),
    close: async () => {
      await run("umount", ["-l", folder]);
      await rm(image, { force: true });
    },
  };
}

/**
 * All the space, and what comes back: ext4 hands out what was removed before only once its journal is written, and a run
 * found room that way on a volume that had been full.
 */
async function takeSpace(file: string): Promise<void> {
  let before: number;
  let size = 0;
  do {
    before = size;
    // It ends with an error when the volume is full; that is what it is for.
    await run("dd", [
      ...["if=/dev/zero", `of=${file}`, "bs=64k"],
      ...["oflag=append", "conv=notrunc"],
    ]).catch(() => undefined);
    await run("sync", ["-f", dirname(file)]);
    ({ size } = await stat(file));
  } while (size > before);
}

/** Empty files, until there can be no more. */
async function takeInodes(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let count = 0; ; count += 1) {
    try {
      await writeFile(`${folder}/${count}`, "");
    } catch (error) {
      if (codeOf(error) === "ENOSPC") return;
      throw error;
    }
  }
}
