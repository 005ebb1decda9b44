import type { Issue, Repository } from "../state/model.js";
import { repositoryPage, repositoryUrl, type Urls } from "../state/urls.js";
import { appOrNull } from "./app-shape.js";
import { authorAssociation } from "./association.js";
import { labelShape } from "./label-shape.js";
import { nodeId } from "./node-id.js";
import { reactionsShape } from "./reactions-shape.js";
import { iso, isoOrNull } from "./time.js";
import { userOrNull, userShape } from "./user-shape.js";

export const issueUrl = (
  urls: Urls,
  repository: Repository,
  issue: Issue,
): string => `${repositoryUrl(urls, repository)}/issues/${issue.number}`;

export const issuePage = (
  urls: Urls,
  repository: Repository,
  issue: Issue,
): string =>
  `${repositoryPage(urls, repository)}/${issue.pull ? "pull" : "issues"}/${issue.number}`;

export function issueShape(urls: Urls, repository: Repository, issue: Issue) {
  const url = issueUrl(urls, repository, issue);
  const page = issuePage(urls, repository, issue);
  const [assignee] = issue.assignees;
  return {
    url,
    repository_url: repositoryUrl(urls, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: page,
    id: issue.id,
    node_id: nodeId(
      issue.pull ? "pullRequest" : "issue",
      issue.pull?.id ?? issue.id,
    ),
    number: issue.number,
    title: issue.title,
    user: userShape(urls, issue.author.user),
    labels: issue.labels.map((label) => labelShape(urls, repository, label)),
    state: issue.state,
    locked: false,
    assignee: userOrNull(urls, assignee),
    assignees: issue.assignees.map((user) => userShape(urls, user)),
    milestone: null,
    comments: [...repository.comments.values()].filter(
      (comment) => comment.issue === issue,
    ).length,
    created_at: iso(issue.createdAt),
    updated_at: iso(issue.updatedAt),
    closed_at: isoOrNull(issue.closedAt),
    author_association: authorAssociation(repository, issue.author.user),
    active_lock_reason: null,
    body: issue.body,
    reactions: reactionsShape(url, issue.reactions),
    performed_via_github_app: appOrNull(urls, issue.author.app),
    state_reason: issue.stateReason,
    ...(issue.pull
      ? {
          draft: issue.pull.draft,
          pull_request: {
            url: `${repositoryUrl(urls, repository)}/pulls/${issue.number}`,
            html_url: page,
            diff_url: `${page}.diff`,
            patch_url: `${page}.patch`,
            merged_at: isoOrNull(issue.pull.mergedAt),
          },
        }
      : {}),
  };
}

/** What an answer about one issue adds; a webhook's issue lacks it. */
export const fullIssueShape = (
  urls: Urls,
  repository: Repository,
  issue: Issue,
) => ({
  ...issueShape(urls, repository, issue),
  closed_by: userOrNull(urls, issue.closedBy),
});
