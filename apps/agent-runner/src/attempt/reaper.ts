import { messageOf, sleep, type Logger } from "@pullwright/platform";
import { endOrphans } from "@pullwright/sandbox";
import type { Workspaces } from "@pullwright/workspace";
import type { AttemptFolders } from "./attempt-folders.js";

const INTERVAL_MS = 10 * 60_000;

/** What a runner's reaper looks after. */
export interface Reaped {
  readonly workspaces: Pick<Workspaces, "reap">;
  readonly folders: AttemptFolders;
  readonly liveAttemptIds: () => ReadonlySet<string>;
  readonly logger: Logger;
}

/** Removes what dead attempts left on this machine (R8): processes first, since they may still write to the folders. */
export async function reapOnce(reaped: Reaped): Promise<void> {
  const { workspaces, folders, liveAttemptIds, logger } = reaped;
  try {
    const processes = await endOrphans();
    const checkouts = await workspaces.reap({
      liveAttemptIds: liveAttemptIds(),
    });
    const attempts = await folders.reap(liveAttemptIds());
    if (processes + checkouts.length + attempts > 0) {
      logger.info(
        { processes, checkouts: checkouts.length, attempts },
        "removed what dead attempts left",
      );
    }
  } catch (error) {
    logger.warn(
      { reason: messageOf(error) },
      "what dead attempts left could not be removed yet",
    );
  }
}

/** Reaps every ten minutes until told to stop. */
export async function keepReaping(
  reaped: Reaped,
  stopped: AbortSignal,
): Promise<void> {
  while (!stopped.aborted) {
    await reapOnce(reaped);
    await sleep(INTERVAL_MS, stopped);
  }
}
