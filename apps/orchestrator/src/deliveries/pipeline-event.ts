import { parseTriggerLabel } from "@pullwright/domain";
import { accountBody, type Account } from "@pullwright/github";
import { readWebhook, type WebhookFacts } from "@pullwright/github/webhook";
import type { Delivery } from "@pullwright/persistence";
import { z } from "zod";

/** An issue as it read when somebody acted on it. */
export interface IssueText {
  readonly title: string;
  readonly body: string;
}

/** The same, with when the issue had last changed then, on GitHub's clock; null when the delivery does not say. */
export interface SeenIssue extends IssueText {
  readonly updatedAt: string | null;
}

/** What a delivery can mean to us. Facts to look things up by: what counts is asked from GitHub afterwards. */
export type PipelineEvent =
  | {
      readonly kind: "labeled";
      readonly issueNumber: number;
      readonly label: string;
      /** Null means the default workflow. */
      readonly workflow: string | null;
      /** Who put the label there, by the delivery. */
      readonly senderId: number | null;
      readonly sender: Account | null;
      /** What whoever put the label there saw; null when the delivery does not say. */
      readonly seen: SeenIssue | null;
    }
  | {
      readonly kind: "commented";
      readonly commentId: number;
      readonly issueNumber: number;
      /** The text as it was when it was reported; null when the delivery does not say. */
      readonly body: string | null;
      /** The issue as its commenter saw it; null when the delivery does not say. */
      readonly seen: IssueText | null;
    }
  | {
      readonly kind: "issue_closed";
      readonly issueNumber: number;
      readonly senderId: number | null;
    }
  | { readonly kind: "pull_request_closed"; readonly number: number }
  | { readonly kind: "of_no_interest"; readonly reason: string };

/** Reads a delivery; webhook and poll alike. Never throws: what cannot be read is of no interest. */
export function readDelivery(delivery: Pick<Delivery, "event" | "payload">): {
  readonly event: PipelineEvent;
  /** The App's installation that it came by; null when it does not say, such as a poll. */
  readonly installationId: number | null;
} {
  const payload = parseJson(delivery.payload);
  const facts = readWebhook(delivery.event, payload);
  const { installationId } = facts;
  return { event: toPipelineEvent(facts, payload), installationId };
}

function toPipelineEvent(facts: WebhookFacts, payload: unknown): PipelineEvent {
  const name =
    facts.action === null ? facts.event : `${facts.event}.${facts.action}`;
  const { issueNumber } = facts;
  if (issueNumber === null)
    return ignored(`${name.slice(0, 80)} is about no issue`);
  switch (name) {
    case "issues.labeled": {
      const trigger =
        facts.label === null ? undefined : parseTriggerLabel(facts.label);
      if (facts.label === null || trigger === undefined)
        return ignored("the label asks for nothing");
      const { workflow } = trigger;
      return {
        kind: "labeled",
        issueNumber,
        label: facts.label,
        workflow,
        senderId: facts.senderId,
        sender: sender.safeParse(payload).data?.sender ?? null,
        seen: seenIn(payload),
      };
    }
    case "issue_comment.created":
      return facts.commentId === null
        ? ignored("the comment has no id")
        : {
            kind: "commented",
            commentId: facts.commentId,
            issueNumber,
            body: commentBody.safeParse(payload).data?.comment.body ?? null,
            seen: seenIn(payload),
          };
    case "issues.closed":
    case "issues.deleted":
      return { kind: "issue_closed", issueNumber, senderId: facts.senderId };
    case "pull_request.closed":
      return { kind: "pull_request_closed", number: issueNumber };
    default:
      return ignored(`${name.slice(0, 80)} moves nothing`);
  }
}

const commentBody = z.object({ comment: z.object({ body: z.string() }) });

const issueText = z.object({
  issue: z.object({
    title: z.string(),
    body: z.string().nullable(),
    updated_at: z.string().nullable().catch(null),
  }),
});

const sender = z.object({ sender: accountBody });

function seenIn(payload: unknown): SeenIssue | null {
  const issue = issueText.safeParse(payload).data?.issue;
  if (issue === undefined) return null;
  const { title, body, updated_at: updatedAt } = issue;
  return { title, body: body ?? "", updatedAt };
}

function ignored(reason: string): PipelineEvent {
  return { kind: "of_no_interest", reason };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
