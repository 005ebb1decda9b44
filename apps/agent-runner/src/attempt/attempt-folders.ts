import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { eraseFolder, processStartTime } from "@pullwright/sandbox";

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
    await eraseFolder(this.folderOf(attemptId));
  }

  /**
   * Removes what dead processes left, and what attempts of ours left that are over; returns how many. One that resists is
   * told of and left to the next time: it shall not keep the others.
   */
  async reap(
    liveAttemptIds: ReadonlySet<string>,
    onTrouble: (folder: string, error: unknown) => void = () => undefined,
  ): Promise<number> {
    const holders = await namesIn(this.#parent);
    const over = (await namesIn(join(this.#parent, this.#mine))).filter(
      (attemptId) => !liveAttemptIds.has(attemptId),
    );
    const dead = holders.filter((holder) => isDead(holder));
    let removed = 0;
    for (const folder of [
      ...over.map((attemptId) => this.folderOf(attemptId)),
      ...dead.map((holder) => join(this.#parent, holder)),
    ]) {
      try {
        await eraseFolder(folder);
        removed += 1;
      } catch (error) {
        onTrouble(folder, error);
      }
    }
    return removed;
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
