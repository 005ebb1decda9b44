import type { Comment } from "@pullwright/github";
import { firstLookBack, nameOf, type Feed, type FeedChange } from "./feed.js";
import { deliveryOfComment } from "./poll-delivery.js";

/** The moment moves on once an answer is as long as this: until then one ETag holds from poll to poll. */
const MOVE_ON_AT = 30;

/**
 * The comments of all issues and pull requests, in the order of their last change.
 *
 * The cursor is two moments: since when is asked, and until when all is known. The first is part of the address and an
 * ETag belongs to one address, so moving it with each change would cost a second request each time. So comments come again
 * when others changed, which finds those that GitHub shows late; those that were found before are known by their names, and
 * at most 30 of them cost Postgres a look. The second moment says which changes are news of the webhooks.
 */
export const commentFeed: Feed = {
  name: "comments",
  read: async (github, repository, { etag, cursor }, now) => {
    const [since = "", seen = since] = cursor?.split(" ") ?? [
      firstLookBack(now).toISOString(),
    ];
    const answer = await github.feeds.comments(nameOf(repository), {
      etag: etag ?? undefined,
      since,
    });
    if (answer.kind === "not_modified") return answer;
    const latest = answer.entries
      .map(({ updatedAt }) => updatedAt)
      .reduce(later, seen);
    const movesOn = answer.isTruncated || answer.entries.length >= MOVE_ON_AT;
    return {
      kind: "news",
      deliveries: answer.entries.flatMap(
        (comment) => deliveryOfComment(repository, comment) ?? [],
      ),
      // The first look back may reach beyond the hook's own life.
      changes:
        cursor === null
          ? []
          : answer.entries
              .filter(({ updatedAt }) => later(seen, updatedAt) !== seen)
              .map(changeOf),
      next:
        movesOn && latest !== since
          ? { etag: null, cursor: latest }
          : { etag: answer.etag ?? null, cursor: `${since} ${latest}` },
      isTruncated: answer.isTruncated,
    };
  },
};

function changeOf({ createdAt, updatedAt }: Comment): FeedChange {
  const action = createdAt === updatedAt ? "created" : "edited";
  return { event: "issue_comment", action, at: new Date(updatedAt) };
}

function later(first: string, second: string): string {
  return Date.parse(second) > Date.parse(first) ? second : first;
}
