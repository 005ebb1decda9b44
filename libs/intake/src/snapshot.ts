import type { Issue } from "@pullwright/github";
import type { IssueSnapshot } from "@pullwright/persistence";

/** What a run keeps of its issue; longer texts are cut. GitHub's own limits are 256 and 65,536. */
const MAX_TITLE_LENGTH = 1_000;
const MAX_BODY_LENGTH = 65_536;
const MAX_LABELS = 100;
const MAX_LABEL_LENGTH = 100;
const MAX_COMMENTS_LENGTH = 100_000;

/** A comment that may go into the prompt. */
export interface PermittedComment {
  readonly author: string;
  readonly body: string;
}

/** The issue as the run will see it, whatever becomes of the issue afterwards. */
export function snapshotOf(
  issue: Issue,
  comments: readonly PermittedComment[],
): IssueSnapshot {
  return {
    title: storable(issue.title, MAX_TITLE_LENGTH),
    body: storable(issue.body, MAX_BODY_LENGTH),
    labels: issue.labels
      .slice(0, MAX_LABELS)
      .map((label) => storable(label, MAX_LABEL_LENGTH)),
    author: storable(issue.author.login, MAX_LABEL_LENGTH),
    comments: newestWithin(comments, MAX_COMMENTS_LENGTH),
  };
}

/** The newest comments that fit, oldest first: the last word of a discussion counts. */
function newestWithin(
  comments: readonly PermittedComment[],
  maxLength: number,
): PermittedComment[] {
  const taken: PermittedComment[] = [];
  let left = maxLength;
  for (const comment of [...comments].reverse()) {
    const body = storable(comment.body, MAX_BODY_LENGTH);
    left -= body.length;
    if (left < 0) break;
    taken.unshift({ author: storable(comment.author, MAX_LABEL_LENGTH), body });
  }
  return taken;
}

/** Postgres keeps neither NUL nor lone surrogates. */
function storable(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .replaceAll("\0", "")
    .replace(/[\ud800-\udfff]/gu, "\ufffd");
}

/** Whether an issue says anything once what cannot be seen is taken away. */
export function saysSomething({
  title,
  body,
}: Pick<IssueSnapshot, "title" | "body">): boolean {
  return /[\p{L}\p{N}]/u.test(title + body);
}
