import { z } from "zod";
import { accountOrGhost, type Account } from "./account.js";

/** A pull request as it is now. */
export interface Pull {
  readonly id: number;
  /** GraphQL's id of it; empty where a server has none. */
  readonly nodeId: string;
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly isDraft: boolean;
  readonly isMerged: boolean;
  readonly author: Account;
  readonly headBranch: string;
  readonly headSha: string;
  readonly baseBranch: string;
  readonly createdAt: string;
}

export const pullBody = z
  .object({
    id: z.int(),
    node_id: z.string().catch(""),
    number: z.int(),
    html_url: z.string().catch(""),
    title: z.string(),
    body: z.string().nullish(),
    state: z.enum(["open", "closed"]),
    draft: z.boolean().optional(),
    merged_at: z.string().nullish(),
    user: accountOrGhost,
    head: z.object({ ref: z.string(), sha: z.string() }),
    base: z.object({ ref: z.string() }),
    created_at: z.string().catch(""),
  })
  .transform((body): Pull => ({
    id: body.id,
    nodeId: body.node_id,
    number: body.number,
    url: body.html_url,
    title: body.title,
    body: body.body ?? "",
    state: body.state,
    isDraft: body.draft ?? false,
    isMerged: body.merged_at != null,
    author: body.user,
    headBranch: body.head.ref,
    headSha: body.head.sha,
    baseBranch: body.base.ref,
    createdAt: body.created_at,
  }));
