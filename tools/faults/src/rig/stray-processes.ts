import { readdir, readFile } from "node:fs/promises";

/**
 * Ends what still runs of agents when their runners are gone for good. The next start of a runner would do it; bubblewrap
 * itself does not where it had only just been started when its parent was killed.
 */
export async function endStrays(folder: string): Promise<void> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    if (pid === process.pid.toString()) continue;
    const texts = await Promise.all(
      ["cmdline", "environ"].map((name) =>
        readFile(`/proc/${pid}/${name}`, "latin1").catch(() => ""),
      ),
    );
    if (!texts.some((text) => text.includes(folder))) continue;
    try {
      process.kill(Number(pid), "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
}
