import { expect, test } from "@jest/globals";
import type { Comment, GitHub } from "@pullwright/github";
import type { Repository } from "@pullwright/persistence";
import { commentFeed } from "./comment-feed.js";

// The fields that a feed does not look at are left out.
const repository = { githubId: 1, owner: "octo", name: "demo" } as Repository;
const now = new Date("2026-01-05T09:00:00Z");

const comment = (id: number, at: string, body: string): Comment => ({
  id,
  issueNumber: 7,
  body,
  author: { id: 1, login: "octo", type: "User" },
  createdAt: at,
  updatedAt: at,
  url: "",
  isOnPullRequest: false,
});
const older = comment(1, "2026-01-05T08:59:10Z", "/cancel");
const younger = comment(2, "2026-01-05T08:59:11Z", "/status");

/** A GitHub whose list of comments reads like this. */
const showing = (entries: readonly Comment[]) =>
  ({
    feeds: {
      comments: () =>
        Promise.resolve({ kind: "news", entries, isTruncated: false }),
    },
  }) as unknown as Pick<GitHub, "feeds" | "issues">; // What the feed asks for, and no more.

test("a comment that GitHub shows only after a younger one is found, and says nothing of the webhooks", async () => {
  const from = { etag: null, cursor: null, polledAt: null };
  const first = await commentFeed.read(
    showing([younger]),
    repository,
    from,
    now,
  );
  if (first.kind !== "news") throw new Error(first.kind);
  const second = await commentFeed.read(
    showing([older, younger]),
    repository,
    { ...from, ...first.next },
    now,
  );
  expect(second).toMatchObject({
    deliveries: [{ guid: "poll:1:comment:1" }, { guid: "poll:1:comment:2" }],
    changes: [],
    next: first.next,
  });
});

test("of a comment that names no issue nothing is made, and the others are found", async () => {
  const stray = { ...older, issueNumber: null };
  const found = await commentFeed.read(
    showing([stray, younger]),
    repository,
    { etag: null, cursor: null, polledAt: null },
    now,
  );
  expect(found).toMatchObject({ deliveries: [{ guid: "poll:1:comment:2" }] });
});
