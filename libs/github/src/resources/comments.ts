import { z } from "zod";
import type { RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { read } from "../transport/read-answer.js";
import { commentBody, type Comment } from "./comment.js";

/** GitHub refuses longer bodies. */
const MAX_COMMENT_LENGTH = 65_536;
/** 1,000 comments since the given moment; the marker is near its beginning. */
const MAX_PAGES = 10;

/** Requests about the comments of issues and pull requests. */
export function commentClient(
  door: Door,
  onWritten: (comment: Comment) => void,
) {
  return {
    get: async (repository: RepositoryName, id: number): Promise<Comment> =>
      read(
        await door.rest.issues.getComment({
          ...at(repository),
          comment_id: id,
        }),
        commentBody,
      ),

    /** The first `limit` comments of an issue or pull request, oldest first: GitHub knows no other order here. */
    list: async (
      repository: RepositoryName,
      issueNumber: number,
      { limit }: { readonly limit: number },
    ): Promise<Comment[]> => {
      const found: Comment[] = [];
      for (let page = 1; found.length < limit; page += 1) {
        const answer = await door.rest.issues.listComments({
          ...at(repository),
          issue_number: issueNumber,
          per_page: PAGE_SIZE,
          page,
        });
        const comments = read(answer, z.array(commentBody));
        found.push(...comments);
        if (comments.length < PAGE_SIZE) break;
      }
      return found.slice(0, limit);
    },

    create: async (
      repository: RepositoryName,
      issueNumber: number,
      body: string,
    ): Promise<Comment> => {
      const answer = await door.rest.issues.createComment({
        ...at(repository),
        issue_number: issueNumber,
        body: fit(body),
      });
      const comment = read(answer, commentBody);
      onWritten(comment);
      return comment;
    },

    update: async (
      repository: RepositoryName,
      id: number,
      body: string,
    ): Promise<Comment> =>
      read(
        await door.rest.issues.updateComment({
          ...at(repository),
          comment_id: id,
          body: fit(body),
        }),
        commentBody,
      ),

    /**
     * Our comment with this hidden marker; should two exist, the oldest.
     *
     * @param authorId ours: anyone can copy a marker into a comment
     * @param since when the comment can have been written at the earliest, on GitHub's clock
     */
    findByMarker: async (
      repository: RepositoryName,
      issueNumber: number,
      search: {
        readonly marker: string;
        readonly authorId: number;
        readonly since?: Date;
      },
    ): Promise<Comment | undefined> => {
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const answer = await door.rest.issues.listComments({
          ...at(repository),
          issue_number: issueNumber,
          per_page: PAGE_SIZE,
          page,
          ...(search.since ? { since: search.since.toISOString() } : {}),
        });
        const comments = read(answer, z.array(commentBody));
        const found = comments // Oldest first.
          .filter(({ author }) => author.id === search.authorId)
          .find(({ body }) => body.includes(search.marker));
        if (found || comments.length < PAGE_SIZE) return found;
      }
      return undefined;
    },
  };
}

function fit(body: string): string {
  if (body.length <= MAX_COMMENT_LENGTH) return body;
  return `${body.slice(0, MAX_COMMENT_LENGTH - 20)}\n\n… (cut short)`;
}
