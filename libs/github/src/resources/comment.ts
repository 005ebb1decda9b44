import { z } from "zod";
import { accountOrGhost, type Account } from "./account.js";

/** A comment on an issue or a pull request. The body is a stranger's text. */
export interface Comment {
  readonly id: number;
  /** Zero when its address does not say. */
  readonly issueNumber: number;
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
    issueNumber: Number(/\/issues\/(\d{1,10})$/.exec(body.issue_url)?.[1] ?? 0),
    body: body.body ?? "",
    author: body.user,
    createdAt: body.created_at,
    updatedAt: body.updated_at,
    url: body.html_url,
    // The only sign that a comment of the repository's feed carries.
    isOnPullRequest: body.html_url.includes("/pull/"),
  }));
