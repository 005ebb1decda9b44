import { execFile } from "node:child_process";
import { mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A small ext4 of its own, to be filled. */
export interface Volume {
  readonly folder: string;
  /** Takes what is left of the space, and gives it back. */
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
    // `dd` ends with an error when the volume is full; that is what it is for.
    fill: () =>
      run("dd", ["if=/dev/zero", `of=${ballast}`, "bs=64k"]).then(
        () => undefined,
        () => undefined,
      ),
    free: () => rm(ballast, { force: true }),
    close: async () => {
      await run("umount", ["-l", folder]);
      await rm(image, { force: true });
    },
  };
}
