import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { processStartTime } from "@pullwright/sandbox";

/**
 * The folders of the attempts of this process, one each, gone when the attempt is over.
 *
 * They lie below a folder that names the process by pid and start time: runners may share a work folder on one
 * machine, and each can tell what the dead left from what the living use.
 */
export class AttemptFolders {
  readonly #parent: string;
  readonly #mine: string;

  constructor(root: string) {
    this.#parent = join(root, "attempts");
    this.#mine = `${process.pid}-${processStartTime(process.pid) ?? 0}`;
  }

  folderOf(attemptId: string): string {
    return join(this.#parent, this.#mine, attemptId);
  }

  async remove(attemptId: string): Promise<void> {
    await erase(this.folderOf(attemptId));
  }

  /** Removes what dead processes left, and what attempts of ours left that are over; returns how many. */
  async reap(liveAttemptIds: ReadonlySet<string>): Promise<number> {
    const holders = await namesIn(this.#parent);
    const over = (await namesIn(join(this.#parent, this.#mine))).filter(
      (attemptId) => !liveAttemptIds.has(attemptId),
    );
    const dead = holders.filter((holder) => isDead(holder));
    for (const attemptId of over) await this.remove(attemptId);
    for (const holder of dead) await erase(join(this.#parent, holder));
    return over.length + dead.length;
  }
}

function isDead(holder: string): boolean {
  const [pid, startTime] = holder.split("-").map(Number);
  // Where there is no /proc nobody can be told dead.
  if (processStartTime(process.pid) === undefined) return false;
  return processStartTime(pid ?? 0) !== startTime;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

async function erase(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}
