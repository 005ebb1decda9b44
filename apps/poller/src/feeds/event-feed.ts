import type { IssueEvent } from "@pullwright/github";
import type { Repository } from "@pullwright/persistence";
import { firstLookBack, nameOf, type Feed, type FeedChange } from "./feed.js";
import { labelsSince, OVERLAP_MS } from "./labels-since.js";
import { deliveryOfEvent, watchedActions } from "./poll-delivery.js";

/**
 * The events of all issues and pull requests: labels and state changes.
 *
 * The cursor is the last event's id; a moment while there has been none, so that the look back does not move along.
 */
export const eventFeed: Feed = {
  name: "issue_events",
  read: async (github, repository, { etag, cursor, polledAt }, now) => {
    const sinceId =
      cursor !== null && /^\d+$/.test(cursor) ? Number(cursor) : undefined;
    const since =
      cursor !== null && sinceId === undefined
        ? new Date(cursor)
        : firstLookBack(now);
    const answer = await github.feeds.issueEvents(nameOf(repository), {
      etag: etag ?? undefined,
      sinceId,
      since,
    });
    if (answer.kind === "not_modified") return answer;
    const isNew = ({ id, createdAt }: IssueEvent) =>
      sinceId === undefined ? new Date(createdAt) >= since : id > sinceId;
    const labels = () => labelsSince(github, repository, polledAt ?? since);
    if (answer.kind === "not_offered") {
      const found = (await labels()).filter(isNew);
      return {
        kind: "news",
        deliveries: deliveriesOf(repository, found),
        changes: [], // Each is found again for a while, and is news of the webhooks only once.
        next: { etag: null, cursor: cursorWithoutList(sinceId, since, now) },
        isTruncated: false,
      };
    }
    const last = answer.entries.at(-1);
    const older = answer.isTruncated ? await labels() : [];
    return {
      kind: "news",
      deliveries: deliveriesOf(repository, [
        ...older.filter(isNew),
        ...answer.entries,
      ]),
      // The first look back may reach beyond the hook's own life.
      changes: cursor === null ? [] : answer.entries.flatMap(changeOf),
      next: {
        etag: answer.etag ?? null,
        cursor: last ? last.id.toString() : (cursor ?? since.toISOString()),
      },
      isTruncated: answer.isTruncated,
    };
  },
};

/**
 * An id stays, so that the list goes on from there should it come back. A moment moves along, or each label of old would be
 * news again once its delivery is forgotten.
 */
function cursorWithoutList(
  sinceId: number | undefined,
  since: Date,
  now: Date,
): string {
  if (sinceId !== undefined) return sinceId.toString();
  const known = now.getTime() - OVERLAP_MS;
  return new Date(Math.max(since.getTime(), known)).toISOString();
}

function deliveriesOf(repository: Repository, events: readonly IssueEvent[]) {
  return events.flatMap((event) => deliveryOfEvent(repository, event) ?? []);
}

function changeOf({
  event,
  isPullRequest,
  createdAt,
}: IssueEvent): FeedChange[] {
  if (!watchedActions.has(event)) return [];
  const name = isPullRequest ? "pull_request" : "issues";
  return [{ event: name, action: event, at: new Date(createdAt) }];
}
