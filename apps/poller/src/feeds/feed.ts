import type { GitHub, RepositoryName } from "@pullwright/github";
import type { NewDelivery, Repository } from "@pullwright/persistence";

/** How far a feed was read. */
export interface FeedCursor {
  /** Of the last answer to the very same question. */
  readonly etag: string | null;
  /** In the feed's own words; null before the first poll. */
  readonly cursor: string | null;
}

/** Where a poll begins. */
export interface FeedStart extends FeedCursor {
  /** When the feed was last read, by Postgres's clock; null before the first poll. */
  readonly polledAt: Date | null;
}

/** What a webhook should have told. */
export interface FeedChange {
  readonly event: string;
  readonly action: string;
  readonly at: Date;
}

/** What a poll found. */
export type FeedNews =
  | { readonly kind: "not_modified" }
  | {
      readonly kind: "news";
      readonly deliveries: readonly NewDelivery[];
      /** What of it was new and has a webhook of its own, whether it means anything to us or not. */
      readonly changes: readonly FeedChange[];
      /** To be kept once the deliveries are recorded, and not before. */
      readonly next: FeedCursor;
      /** There was more than one poll reads. */
      readonly isTruncated: boolean;
    };

/** One of GitHub's lists of a repository's changes. */
export interface Feed {
  readonly name: "issue_events" | "comments";
  read(
    github: Pick<GitHub, "feeds" | "issues">,
    repository: Repository,
    from: FeedStart,
    now: Date,
  ): Promise<FeedNews>;
}

/**
 * How far back the first poll of a repository looks, and the first one after it was switched off.
 *
 * Far enough for the issue that somebody labelled while Pullwright was being set up or restarted with an empty database;
 * not so far that labels of last week's experiments start runs that nobody expects any more.
 */
export const FIRST_LOOK_BACK_MS = 60 * 60_000;

/** When the first poll begins. */
export function firstLookBack(now: Date): Date {
  return new Date(now.getTime() - FIRST_LOOK_BACK_MS);
}

export function nameOf({ owner, name }: Repository): RepositoryName {
  return { owner, name };
}
