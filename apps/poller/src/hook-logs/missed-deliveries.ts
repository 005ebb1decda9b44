import type { GitHub, HookLog, LoggedDelivery } from "@pullwright/github";
import { readWebhook } from "@pullwright/github/webhook";
import type { NewDelivery, Stores } from "@pullwright/persistence";
import type { Logger } from "@pullwright/platform";

/** The events that can start or move a run; each of the others would cost a request for nothing. */
const wantedEvents = new Set(["issues", "issue_comment", "pull_request"]);

export interface MissedParts {
  readonly github: Pick<GitHub, "hookLogs">;
  readonly stores: Pick<Stores, "deliveryQueries">;
  readonly logger: Logger;
}

/**
 * Reads those of a log's tries (newest first) that failed and whose delivery is not recorded, the oldest first.
 *
 * One at a time: what was read is recorded before the next is asked for, so that no trouble with one loses another. What
 * was taken by a later try is recorded by then.
 */
export async function* readMissed(
  log: HookLog,
  tries: readonly LoggedDelivery[],
  { github, stores, logger }: MissedParts,
): AsyncGenerator<NewDelivery> {
  const lost = new Map(
    tries
      .filter(({ isTaken, event }) => !isTaken && wantedEvents.has(event))
      .toReversed()
      .map((failed) => [failed.guid, failed]),
  );
  const known = await stores.deliveryQueries.knownGuids([...lost.keys()]);
  for (const { id, guid, event } of lost.values()) {
    if (known.has(guid)) continue;
    const payload = await github.hookLogs.payloadOf(log, id);
    if (payload === undefined) {
      logger.warn({ try: id, event }, "a failed webhook is no longer logged");
      continue;
    }
    const facts = readWebhook(event, JSON.parse(payload));
    yield {
      source: "hook_log",
      guid,
      event,
      action: facts.action,
      repositoryId: facts.repositoryId,
      repositoryFullName: facts.repositoryFullName,
      payload,
    };
  }
}
