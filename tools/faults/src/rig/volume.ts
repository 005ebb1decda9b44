import { execFile } from "node:child_process";
import { mkdir, rm, truncate, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { codeOf } from "@pullwright/platform";

const run = promisify(execFile);
const AGAIN_AFTER_MS = 200;

/** A small ext4 of its own, to be filled. */
export interface Volume {
  readonly folder: string;
  /** Takes what is left of the space, or of the inodes where they are few, and whatever comes back, until told to free it. */
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
  const take = () =>
    inodes === undefined ? takeSpace(ballast) : takeInodes(ballast);
  let endTaking = () => Promise.resolve();
  return {
    folder,
    fill: async () => {
      await take();
      endTaking = again(take);
    },
    free: async () => {
      await endTaking();
      await rm(ballast, { force: true, recursive: true });
    },
    close: async () => {
      try {
        await endTaking();
      } finally {
        await run("umount", ["-l", folder]);
        await rm(image, { force: true });
      }
    },
  };
}

/** Does it again and again; returns the way to end that. */
function again(work: () => Promise<void>): () => Promise<void> {
  const over = new AbortController();
  const done = (async () => {
    while (!over.signal.aborted) {
      await sleep(AGAIN_AFTER_MS);
      await work();
    }
  })();
  done.catch(() => undefined); // Told to whoever ends it.
  return () => {
    over.abort();
    return done;
  };
}

/**
 * All the space there is now. ext4 hands out what was removed before only once its journal is written: a run found room
 * that way on a volume that had been full.
 */
async function takeSpace(file: string): Promise<void> {
  // It ends with an error when the volume is full; that is what it is for.
  await run("dd", [
    ...["if=/dev/zero", `of=${file}`, "bs=64k"],
    ...["oflag=append", "conv=notrunc"],
  ]).catch(() => undefined);
  await run("sync", ["-f", dirname(file)]);
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
