import type { Issue } from "@pullwright/github";
import type { IssueText } from "./pipeline-event.js";

/**
 * The issue with the text that the asking person saw, where the signed delivery tells it: what an author writes into it
 * between the approval and our look is not what was approved.
 */
export function asSeen(issue: Issue, seen: IssueText | null): Issue {
  return seen === null ? issue : { ...issue, ...seen };
}
