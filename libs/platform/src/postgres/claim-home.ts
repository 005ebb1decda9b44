import { link, readFile, rm, writeFile } from "node:fs/promises";
import { ConfigurationError } from "../config/configuration-error.js";
import { codeOf } from "../error/app-error.js";
import { isAlive } from "./postmaster-file.js";
import type { PostgresHome } from "./postgres-home.js";

/** Makes us the only process that uses the folder; throws where another one lives that does. */
export async function claimHome(home: PostgresHome): Promise<void> {
  const own = await identityOf(process.pid);
  const draft = `${home.owner}.${process.pid.toString()}`;
  await writeFile(draft, own);
  try {
    // A hard link appears whole or not at all, and never replaces what another process made.
    while (!(await isLinked(draft, home.owner))) {
      const holder = await holderOf(home);
      if (holder !== own && (await lives(holder))) throw inUse(home, holder);
      await rm(home.owner, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

/** The folder is another process's; for people, who can mend that. */
export function inUse(home: PostgresHome, holder: string): ConfigurationError {
  const [pid = ""] = holder.split(" ");
  const problem = `the embedded Postgres in ${home.folder} is in use by process ${pid}: end that one, or set another folder`;
  return new ConfigurationError([{ key: "WORK_DIR", problem }]);
}

/** Whose the folder is, as {@link claimHome} wrote it down; empty when it is nobody's. */
export async function holderOf(home: PostgresHome): Promise<string> {
  return readFile(home.owner, "utf8").catch(() => "");
}

async function isLinked(draft: string, file: string): Promise<boolean> {
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** A process's number, and on Linux when it began: numbers come again, after a container's restart soon. */
async function identityOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid.toString()}/stat`, "utf8").catch(
    () => "",
  );
  // The name before may hold anything, a bracket too. See proc_pid_stat(5): state is the 3rd field, starttime the 22nd.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const began = fields[0] === "Z" ? undefined : fields[19];
  return began === undefined ? pid.toString() : `${pid.toString()} ${began}`;
}

async function lives(holder: string): Promise<boolean> {
  const pid = Number.parseInt(holder, 10);
  return (
    Number.isInteger(pid) && isAlive(pid) && holder === (await identityOf(pid))
  );
}
