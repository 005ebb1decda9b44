import type { IssueEvent, Repository } from "../state/model.js";
import { repositoryUrl, type Urls } from "../state/urls.js";
import { appOrNull } from "./app-shape.js";
import { fullIssueShape } from "./issue-shape.js";
import { nodeId } from "./node-id.js";
import { iso } from "./time.js";
import { userShape } from "./user-shape.js";

/** An issue event as an issue's own list shows it. */
export function issueEventShape(
  urls: Urls,
  repository: Repository,
  event: IssueEvent,
) {
  const url = repositoryUrl(urls, repository);
  const commitSha = event.commitSha ?? null;
  return {
    id: event.id,
    node_id: nodeId("event", event.id),
    url: `${url}/issues/events/${event.id}`,
    actor: userShape(urls, event.actor.user),
    event: event.event,
    commit_id: commitSha,
    commit_url: commitSha === null ? null : `${url}/commits/${commitSha}`,
    created_at: iso(event.createdAt),
    performed_via_github_app: appOrNull(urls, event.actor.app),
    ...(event.label
      ? { label: { name: event.label.name, color: event.label.color } }
      : {}),
    ...(event.assignee
      ? {
          assignee: userShape(urls, event.assignee),
          assigner: userShape(urls, event.actor.user),
        }
      : {}),
    ...(event.rename ? { rename: event.rename } : {}),
    ...(event.requestedReviewer
      ? {
          review_requester: userShape(urls, event.actor.user),
          requested_reviewer: userShape(urls, event.requestedReviewer),
        }
      : {}),
    ...(event.stateReason === undefined
      ? {}
      : { state_reason: event.stateReason }),
  };
}

/** An issue event as the repository's feed shows it: with its issue. */
export const repositoryEventShape = (
  urls: Urls,
  repository: Repository,
  event: IssueEvent,
) => ({
  ...issueEventShape(urls, repository, event),
  issue: fullIssueShape(urls, repository, event.issue),
});
