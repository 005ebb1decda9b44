import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { postgresFolder } from "./installation/leftover-postgres.js";

/** A new temporary folder for a Pullwright and its surroundings. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "pullwright-demo-"));
  // As root, Postgres and sandboxed agents run as other users, who must get through.
  await chmod(folder, 0o711);
  return folder;
}

/** Removes the folder, and Postgres' one where that had to lie elsewhere. */
export async function removeFolder(folder: string): Promise<void> {
  const postgres = await postgresFolder(join(folder, "work"));
  for (const path of [postgres, folder])
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Keeps Pullwright's log beside the folder; undefined when it never wrote one. */
export async function keepLog(folder: string): Promise<string | undefined> {
  const kept = `${folder}.log`;
  return copyFile(join(folder, "pullwright.log"), kept).then(
    () => kept,
    () => undefined,
  );
}
