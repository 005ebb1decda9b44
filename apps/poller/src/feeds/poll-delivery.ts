import { parseComment, parseTriggerLabel } from "@pullwright/domain";
import type { Comment, IssueEvent } from "@pullwright/github";
import type { NewDelivery, Repository } from "@pullwright/persistence";

/** The changes of an issue that may start or move a run. */
export const watchedActions = new Set([
  "labeled",
  "unlabeled",
  "closed",
  "reopened",
]);

/**
 * Writes an issue's event as the delivery that its webhook would have been, cut down to the facts that are read;
 * undefined when it can mean nothing to us. Whether it does is the orchestrator's to decide.
 */
export function deliveryOfEvent(
  repository: Repository,
  entry: IssueEvent,
): NewDelivery | undefined {
  if (!watchedActions.has(entry.event) || entry.issueNumber === null)
    return undefined;
  const { label } = entry;
  // Most labels, our own above all, ask for nothing.
  if (label !== undefined && !parseTriggerLabel(label)) return undefined;
  const issue = { number: entry.issueNumber };
  return deliveryOf(repository, {
    id: `event:${entry.id.toString()}`,
    event: entry.isPullRequest ? "pull_request" : "issues",
    action: entry.event,
    facts: {
      ...(entry.isPullRequest ? { pull_request: issue } : { issue }),
      ...(label === undefined ? {} : { label: { name: label } }),
      sender: entry.actor,
    },
  });
}

/** The same for a comment that is written as a command. */
export function deliveryOfComment(
  repository: Repository,
  comment: Comment,
): NewDelivery | undefined {
  if (comment.issueNumber === null || parseComment(comment.body) === null)
    return undefined;
  return deliveryOf(repository, {
    id: `comment:${comment.id.toString()}`,
    event: "issue_comment",
    action: "created",
    facts: {
      issue: {
        number: comment.issueNumber,
        ...(comment.isOnPullRequest ? { pull_request: {} } : {}),
      },
      comment: { id: comment.id },
      sender: comment.author,
    },
  });
}

function deliveryOf(
  { githubId, owner, name }: Repository,
  change: {
    /** Names the change for ever, so that reading it twice is no second delivery. */
    readonly id: string;
    readonly event: string;
    readonly action: string;
    readonly facts: object;
  },
): NewDelivery {
  const fullName = `${owner}/${name}`;
  return {
    source: "poll",
    guid: `poll:${githubId.toString()}:${change.id}`,
    event: change.event,
    action: change.action,
    repositoryId: githubId,
    repositoryFullName: fullName,
    payload: JSON.stringify({
      action: change.action,
      ...change.facts,
      repository: { id: githubId, full_name: fullName },
    }),
  };
}
