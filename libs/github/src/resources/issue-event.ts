import { z } from "zod";
import { accountOrGhost, type Account } from "./account.js";

/** One entry of an issue's history. */
export interface IssueEvent {
  /** Unique and growing over all of GitHub. */
  readonly id: number;
  /** `labeled`, `closed`, `renamed` and so on; GitHub adds new ones. */
  readonly event: string;
  readonly actor: Account;
  readonly createdAt: string;
  /** Set for `labeled` and `unlabeled`. */
  readonly label: string | undefined;
  /** Null when GitHub does not say. */
  readonly issueNumber: number | null;
  readonly isPullRequest: boolean;
}

export const issueEventBody = z
  .object({
    id: z.int(),
    event: z.string(),
    actor: accountOrGhost,
    created_at: z.string(),
    label: z.object({ name: z.string() }).nullish(),
    issue: z
      .object({ number: z.int(), pull_request: z.unknown().optional() })
      .nullish(),
  })
  .transform((body): IssueEvent => ({
    id: body.id,
    event: body.event,
    actor: body.actor,
    createdAt: body.created_at,
    label: body.label?.name,
    issueNumber: body.issue?.number ?? null,
    isPullRequest: body.issue?.pull_request != null,
  }));
