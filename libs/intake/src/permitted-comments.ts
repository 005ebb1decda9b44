import { parseComment } from "@pullwright/domain";
import type { Account, Comment, GitHub } from "@pullwright/github";
import type { Repository } from "@pullwright/persistence";
import { authorityOf } from "./authority.js";
import { OUR_MARKER } from "./our-marker.js";
import type { PermittedComment } from "./snapshot.js";

/** Ten requests; who has more to say than that should write a new issue. */
const MAX_COMMENTS = 1_000;
/** A request for each. */
const MAX_AUTHORS = 20;

export interface CommentsQuestion {
  readonly repository: Repository;
  /** Who asks for the run: known to be permitted. Null for somebody who has no account on GitHub. */
  readonly actor: Account | null;
  /** When, on GitHub's clock; null for now. What was written or changed later is not what was asked for. */
  readonly askedAt: string | null;
  /** What {@link commentsOf} says. */
  readonly comments: Promise<readonly Comment[]>;
}

/** All comments of an issue that are looked at, oldest first. */
export function commentsOf(
  github: GitHub,
  repository: Repository,
  issueNumber: number,
): Promise<Comment[]> {
  return github.comments.list(repository, issueNumber, {
    limit: MAX_COMMENTS,
  });
}

/**
 * The comments of an issue that an agent may read, oldest first: by people who might ask for a run themselves.
 *
 * Of very many authors those count who spoke last, since each is asked about, live.
 */
export async function permittedComments(
  github: GitHub,
  { repository, actor, askedAt, comments: asked }: CommentsQuestion,
): Promise<PermittedComment[]> {
  const comments = (await asked).filter((comment) => isTalk(comment, askedAt));
  const authors = new Map<number, Account>();
  for (const { author } of [...comments].reverse())
    if (authors.size < MAX_AUTHORS && !authors.has(author.id))
      authors.set(author.id, author);
  const permitted = new Set(actor === null ? [] : [actor.id]);
  await Promise.all(
    [...authors.values()].map(async (author) => {
      if (permitted.has(author.id)) return;
      const { may } = await authorityOf(author, repository, github);
      if (may) permitted.add(author.id);
    }),
  );
  return comments
    .filter(({ author }) => permitted.has(author.id))
    .map(({ author, body }) => ({ author: author.login, body }));
}

/** What people say to each other about the issue: neither ours, nor a bot's, nor a command. */
function isTalk(
  { author, body, createdAt, updatedAt }: Comment,
  askedAt: string | null,
): boolean {
  const lastChangedAt = Math.max(Date.parse(createdAt), Date.parse(updatedAt));
  return (
    (askedAt === null || lastChangedAt <= Date.parse(askedAt)) &&
    author.type !== "Bot" &&
    !body.includes(OUR_MARKER) &&
    parseComment(body) === null &&
    body.trim() !== ""
  );
}
