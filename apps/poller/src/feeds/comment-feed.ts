import type { Comment } from "@pullwright/github";
import { firstLookBack, nameOf, type Feed, type FeedChange } from "./feed.js";
import { deliveryOfComment } from "./poll-delivery.js";

/**
 * The comments of all issues and pull requests, in the order of their last change.
 *
 * The cursor is the last change's moment. GitHub compares it inclusively, so the last comments come again; their
 * deliveries are known by then.
 */
export const commentFeed: Feed = {
  name: "comments",
  read: async (github, repository, { etag, cursor }, now) => {
    const since = cursor ?? firstLookBack(now).toISOString();
    const answer = await github.feeds.comments(nameOf(repository), {
      etag: etag ?? undefined,
      since,
    });
    if (answer.kind === "not_modified") return answer;
    const latest = answer.entries
      .map(({ updatedAt }) => updatedAt)
      .reduce(later, since);
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
              .filter(({ updatedAt }) => later(since, updatedAt) !== since)
              .map(changeOf),
      // The moment is part of the address, and an ETag belongs to one address.
      next: {
        etag: latest === since ? (answer.etag ?? null) : null,
        cursor: latest,
      },
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
