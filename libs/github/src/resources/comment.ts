import { z } from "zod";
import { accountOrGhost, type Account } from "./account.js";

/** A comment on an issue or a pull request. The body is a stranger's text. */
export interface Comment {
  readonly id: number;
  /** Null when its address does not say. */
  readonly issueNumber: number | null;
  readonly body: string;
  readonly author: Account;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly url: string;
  readonly isOnPullRequest: boolean;
}

export const commentBody = z
  .object({
    id: z.int(),
    body: z.string().nullish(),
    user: accountOrGhost,
    created_at: z.string(),
    updated_at: z.string(),
    html_url: z.string().catch(""),
    issue_url: z.string().catch(""),
  })
  .transform((body): Comment => ({
    id: body.id,
    issueNumber: numberIn(body.issue_url),
    body: body.body ?? "",
    author: body.user,
    createdAt: body.created_at,
    updatedAt: body.updated_at,
    url: body.html_url,
    // The only sign that a comment of the repository's feed carries.
    isOnPullRequest: body.html_url.includes("/pull/"),
  }));

function numberIn(issueUrl: string): number | null {
  const number = /\/issues\/([1-9]\d{0,9})$/.exec(issueUrl)?.[1];
  return number === undefined ? null : Number(number);
}
