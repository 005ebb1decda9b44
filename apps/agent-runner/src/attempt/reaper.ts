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
  const resisted = (what: string, error: unknown) =>
    logger.warn(
      { what, reason: messageOf(error) },
      "what dead attempts left could not be removed yet",
    );
  /** How many were removed; the rest goes on where one could not be. */
  const count = (what: string, removing: Promise<number>) =>
    removing.catch((error: unknown) => {
      resisted(what, error);
      return 0;
    });
  const processes = await count("processes", endOrphans());
  const checkouts = await count(
    "checkouts",
    workspaces
      .reap({ liveAttemptIds: liveAttemptIds() })
      .then(({ length }) => length),
  );
  const attempts = await count(
    "attempts",
    folders.reap(liveAttemptIds(), resisted),
  );
  if (processes + checkouts + attempts > 0)
    logger.info(
      { processes, checkouts, attempts },
      "removed what dead attempts left",
    );
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
