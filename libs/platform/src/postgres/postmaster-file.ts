import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** What a running Postgres writes into `postmaster.pid` of its data folder. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  /** It accepts connections; before, it starts or recovers. */
  readonly ready: boolean;
}

/** Reads the data folder's `postmaster.pid`; undefined when there is none or it is still being written. */
export async function readPostmasterFile(
  dataFolder: string,
): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(dataFolder, "postmaster.pid"), "utf8").catch(
    () => "",
  );
  const lines = text.split("\n");
  const pid = Number.parseInt(lines[0] ?? "", 10);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return {
    pid,
    port: Number.parseInt(lines[3] ?? "", 10) || 0,
    ready: lines[7]?.trim() === "ready",
  };
}

/**
 * Whether the process is a Postgres on that data folder.
 *
 * After a SIGKILL or a container's restart the number may belong to anyone (often to ourselves), and Postgres then
 * refuses to start; Linux tells whose it is. Elsewhere a living process is taken for it.
 */
export async function isPostmaster(
  pid: number,
  dataFolder: string,
): Promise<boolean> {
  if (!isAlive(pid)) return false;
  if (process.platform !== "linux") return true;
  const commandLine = await readFile(
    `/proc/${pid.toString()}/cmdline`,
    "utf8",
  ).catch(() => "");
  return commandLine.split("\0").includes(dataFolder); // A zombie's command line is empty.
}

/** Whether a process of that number exists, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
