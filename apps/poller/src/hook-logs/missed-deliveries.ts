import type { GitHub, HookLog } from "@pullwright/github";
import { readWebhook } from "@pullwright/github/webhook";
import type { NewDelivery, Stores } from "@pullwright/persistence";

/** The events that can start or move a run; each of the others would cost a request for nothing. */
const wantedEvents = new Set(["issues", "issue_comment", "pull_request"]);

export interface Missed {
  /** Oldest first. */
  readonly deliveries: readonly NewDelivery[];
  readonly isTruncated: boolean;
}

/** Reads what a hook could not deliver since then, by no try, and what is not recorded. */
export async function readMissed(
  log: HookLog,
  since: Date,
  { hookLogs }: Pick<GitHub, "hookLogs">,
  stores: Pick<Stores, "deliveryQueries">,
): Promise<Missed> {
  const { deliveries: tries, isTruncated } = await hookLogs.read(log, since);
  const taken = new Set(
    tries.filter(({ isTaken }) => isTaken).map(({ guid }) => guid),
  );
  const lost = new Map(
    tries
      .filter(({ guid, event }) => !taken.has(guid) && wantedEvents.has(event))
      .map((delivery) => [delivery.guid, delivery]),
  );
  const known = await stores.deliveryQueries.knownGuids([...lost.keys()]);
  const deliveries: NewDelivery[] = [];
  for (const { id, guid, event } of [...lost.values()].reverse()) {
    if (known.has(guid)) continue;
    const payload = await hookLogs.payloadOf(log, id);
    const facts = readWebhook(event, JSON.parse(payload));
    deliveries.push({
      source: "hook_log",
      guid,
      event,
      action: facts.action,
      repositoryId: facts.repositoryId,
      repositoryFullName: facts.repositoryFullName,
      payload,
    });
  }
  return { deliveries, isTruncated };
}
