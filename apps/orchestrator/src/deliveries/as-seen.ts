import type { Issue, IssueEvent } from "@pullwright/github";
import type { IssueText, SeenIssue } from "./pipeline-event.js";

/** GitHub's times are whole seconds, and an event may have the one after its issue's. */
const ROUNDING_MS = 1_000;

/**
 * The issue with the text that the asking person saw, where the signed delivery tells it: what an author writes into it
 * between the approval and our look is not what was approved.
 */
export function asSeen(issue: Issue, seen: IssueText | null): Issue {
  return seen === null
    ? issue
    : { ...issue, title: seen.title, body: seen.body };
}

/**
 * What a label's delivery shows, where it tells of this very event. One that comes late may tell of an earlier time that
 * the label was put on: then another person, or the same one since, has approved another text.
 */
export function seenAt(
  { actor, createdAt }: Pick<IssueEvent, "actor" | "createdAt">,
  {
    seen,
    senderId,
  }: { readonly seen: SeenIssue | null; readonly senderId: number | null },
): IssueText | null {
  if (seen?.updatedAt == null || senderId !== actor.id) return null;
  const isOfEvent =
    Date.parse(seen.updatedAt) >= Date.parse(createdAt) - ROUNDING_MS;
  return isOfEvent ? seen : null;
}
