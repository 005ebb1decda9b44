import type { IssueEvent } from "@pullwright/github";
import { firstLookBack, nameOf, type Feed, type FeedChange } from "./feed.js";
import { labelsSince } from "./labels-since.js";
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
    const last = answer.entries.at(-1);
    const isNew = ({ id, createdAt }: IssueEvent) =>
      sinceId === undefined ? new Date(createdAt) >= since : id > sinceId;
    const older = answer.isTruncated
      ? await labelsSince(github, repository, polledAt ?? since)
      : [];
    return {
      kind: "news",
      deliveries: [...older.filter(isNew), ...answer.entries].flatMap(
        (entry) => deliveryOfEvent(repository, entry) ?? [],
      ),
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

function changeOf({
  event,
  isPullRequest,
  createdAt,
}: IssueEvent): FeedChange[] {
  if (!watchedActions.has(event)) return [];
  const name = isPullRequest ? "pull_request" : "issues";
  return [{ event: name, action: event, at: new Date(createdAt) }];
}
