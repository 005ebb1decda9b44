import { z } from "zod";
import { isGitHubError } from "../error/github-error.js";
import { isNotOffered } from "../error/not-offered.js";
import type { RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { oddIn, read, type RawAnswer } from "../transport/read-answer.js";
import { commentBody, type Comment } from "./comment.js";
import { issueEventBody, type IssueEvent } from "./issue-event.js";

/** What a feed said: nothing new (which costs no quota), or the entries since the given point, oldest first. */
export type FeedReading<T> =
  | { readonly kind: "not_modified" }
  | {
      readonly kind: "changed";
      readonly entries: readonly T[];
      /** To be sent with the next request of the same address; undefined when the server gives none. */
      readonly etag: string | undefined;
      /** More had happened than we read or GitHub gives; for events the oldest are missing, for comments the newest. */
      readonly isTruncated: boolean;
    };

/** The server keeps no such list, or the repository is gone: it does not say which. */
export interface NotOffered {
  readonly kind: "not_offered";
}

/** Where to begin, and what was known the last time. */
export interface EventFeedQuestion {
  readonly etag: string | undefined;
  /** The last event seen; undefined: by time alone. */
  readonly sinceId: number | undefined;
  readonly since: Date;
}

export interface CommentFeedQuestion {
  /** Holds only for the same `since`. */
  readonly etag: string | undefined;
  /** Inclusive, compares the time of the last change. */
  readonly since: string;
}

const MAX_PAGES = 10;

/** Conditional requests for a whole repository's news. */
export function feedClient(door: Door) {
  return {
    /** The events of all issues and pull requests after the given one. GitHub lists the newest first. */
    issueEvents: async (
      repository: RepositoryName,
      question: EventFeedQuestion,
    ): Promise<FeedReading<IssueEvent> | NotOffered> => {
      const fetchPage = (page: number) =>
        door.rest.issues.listEventsForRepo({
          ...at(repository),
          per_page: PAGE_SIZE,
          page,
          headers: page === 1 ? condition(question.etag) : {},
        });
      const isNew = ({ id, createdAt }: IssueEvent) =>
        question.sinceId === undefined
          ? Date.parse(createdAt) >= question.since.getTime()
          : id > question.sinceId;
      const first = await fetchPage(1).catch((error: unknown) => {
        if (!isNotOffered(error)) throw error;
        const what = "the events of all issues in one list";
        door.onLack({ what, repository, error });
        return null;
      });
      if (first === null) return { kind: "not_offered" };
      if (isUnchanged(first)) return { kind: "not_modified" };
      const entries = new Map<number, IssueEvent>(); // News during paging shifts the pages: entries may come twice.
      let events = read(first, z.array(issueEventBody));
      let page = 1;
      for (;;) {
        for (const event of events.filter(isNew)) entries.set(event.id, event);
        if (events.length < PAGE_SIZE || !events.every(isNew)) break;
        if (page === MAX_PAGES)
          return changed(entries, first.headers.etag, true);
        page += 1;
        const answer = await fetchPage(page).catch(nullPastTheLastPage);
        if (answer === null) return changed(entries, first.headers.etag, true);
        events = read(answer, z.array(issueEventBody));
      }
      return changed(entries, first.headers.etag, false);
    },

    /** The comments of all issues and pull requests that were written or changed since then, in the order of change. */
    comments: async (
      repository: RepositoryName,
      question: CommentFeedQuestion,
    ): Promise<FeedReading<Comment>> => {
      const entries = new Map<number, Comment>();
      let etag: string | undefined;
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const answer = await door.rest.issues.listCommentsForRepo({
          ...at(repository),
          sort: "updated",
          direction: "asc",
          since: question.since,
          per_page: PAGE_SIZE,
          page,
          headers: page === 1 ? condition(question.etag) : {},
        });
        if (isUnchanged(answer)) return { kind: "not_modified" };
        if (page === 1) etag = answer.headers.etag;
        const comments = read(answer, z.array(commentBody));
        for (const comment of comments) entries.set(comment.id, comment);
        const stray = comments.find(({ issueNumber }) => issueNumber === null);
        if (stray !== undefined)
          door.onLack({
            what: "which issue a comment belongs to",
            repository,
            error: oddIn(answer, `comment ${stray.id.toString()} names none`),
          });
        if (comments.length < PAGE_SIZE) return changed(entries, etag, false);
      }
      return changed(entries, etag, true);
    },
  };
}

function condition(etag: string | undefined): Record<string, string> {
  return etag === undefined ? {} : { "if-none-match": etag };
}

/** How far back this list goes is GitHub's to choose and written nowhere: it answers 422 there. */
function nullPastTheLastPage(error: unknown): null {
  if (isGitHubError(error, "validation")) return null;
  throw error;
}

/** Our hook hands 304 over as an answer; Octokit's types know only 200. */
function isUnchanged(answer: RawAnswer): boolean {
  return answer.status === 304;
}

function changed<T extends { id: number }>(
  entries: ReadonlyMap<number, T>,
  etag: string | undefined,
  isTruncated: boolean,
): FeedReading<T> {
  const oldestFirst = [...entries.values()].sort((a, b) => a.id - b.id);
  return { kind: "changed", entries: oldestFirst, etag, isTruncated };
}
