import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const GONE_WITHIN_MS = 10_000;

/** Where the embedded Postgres of a work folder keeps its files; elsewhere when its user could not get in there. */
export async function postgresFolder(workDir: string): Promise<string> {
  const wanted = join(workDir, "postgres");
  const moved = await readFile(join(wanted, "location"), "utf8").catch(
    () => "",
  );
  return moved.trim() || wanted;
}

/** Ends the embedded Postgres of a work folder, should its Pullwright have died without doing so. */
export async function stopLeftoverPostgres(workDir: string): Promise<void> {
  const data = join(await postgresFolder(workDir), "data");
  const pid = await postmasterOf(data);
  if (pid === undefined) return;
  try {
    // Immediate: nobody wants this data any more. The file goes with the process.
    process.kill(pid, "SIGQUIT");
    const giveUpAt = performance.now() + GONE_WITHIN_MS;
    while (performance.now() < giveUpAt) {
      process.kill(pid, 0);
      await sleep(20);
    }
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone.
  }
}

/** A Postgres that was killed leaves its file behind; the number in it may be another process's by now. */
async function postmasterOf(data: string): Promise<number | undefined> {
  const file = await readFile(join(data, "postmaster.pid"), "utf8").catch(
    () => "",
  );
  const pid = Number.parseInt(file, 10);
  if (!Number.isInteger(pid)) return undefined;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(
    () => undefined,
  );
  // Without /proc the file has to be believed.
  return commandLine === undefined || commandLine.includes(data)
    ? pid
    : undefined;
}
