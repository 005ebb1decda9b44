import type { FileDiff } from "../git/diff.js";
import type { Issue, PullRequest, Repository, Review } from "../state/model.js";
import { repositoryUrl, type Urls } from "../state/urls.js";
import { authorAssociation } from "./association.js";
import { issuePage, issueUrl } from "./issue-shape.js";
import { labelShape } from "./label-shape.js";
import { nodeId } from "./node-id.js";
import { repositoryShape } from "./repository-shape.js";
import { statsShape } from "./commit-shape.js";
import { iso, isoOrNull } from "./time.js";
import { userOrNull, userShape } from "./user-shape.js";

/** An issue that is a pull request. */
export type PullIssue = Issue & { readonly pull: PullRequest };

export const isPull = (issue: Issue): issue is PullIssue =>
  issue.pull !== undefined;

export const pullUrl = (
  urls: Urls,
  repository: Repository,
  issue: Issue,
): string => `${repositoryUrl(urls, repository)}/pulls/${issue.number}`;

/** A pull request as lists show it. */
export function pullShape(
  urls: Urls,
  repository: Repository,
  issue: PullIssue,
) {
  const { pull } = issue;
  const url = pullUrl(urls, repository, issue);
  const page = issuePage(urls, repository, issue);
  const commentsUrl = `${issueUrl(urls, repository, issue)}/comments`;
  const statusesUrl = `${repositoryUrl(urls, repository)}/statuses/${pull.headSha}`;
  return {
    url,
    id: pull.id,
    node_id: nodeId("pullRequest", pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueUrl(urls, repository, issue),
    number: issue.number,
    state: issue.state,
    locked: false,
    title: issue.title,
    user: userShape(urls, issue.author.user),
    body: issue.body,
    created_at: iso(issue.createdAt),
    updated_at: iso(issue.updatedAt),
    closed_at: isoOrNull(issue.closedAt),
    merged_at: isoOrNull(pull.mergedAt),
    merge_commit_sha: pull.mergeCommitSha,
    assignee: userOrNull(urls, issue.assignees[0]),
    assignees: issue.assignees.map((user) => userShape(urls, user)),
    requested_reviewers: pull.requestedReviewers.map((user) =>
      userShape(urls, user),
    ),
    requested_teams: [],
    labels: issue.labels.map((label) => labelShape(urls, repository, label)),
    milestone: null,
    draft: pull.draft,
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repositoryUrl(urls, repository)}/pulls/comments{/number}`,
    comments_url: commentsUrl,
    statuses_url: statusesUrl,
    head: side(urls, repository, pull.headRef, pull.headSha),
    base: side(urls, repository, pull.baseRef, pull.baseSha),
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issueUrl(urls, repository, issue) },
      comments: { href: commentsUrl },
      review_comments: { href: `${url}/comments` },
      review_comment: {
        href: `${repositoryUrl(urls, repository)}/pulls/comments{/number}`,
      },
      commits: { href: `${url}/commits` },
      statuses: { href: statusesUrl },
    },
    author_association: authorAssociation(repository, issue.author.user),
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** What only one pull request's own page and the webhooks tell. */
export interface PullDetail {
  readonly commits: number;
  readonly files: readonly FileDiff[];
}

export function fullPullShape(
  urls: Urls,
  repository: Repository,
  issue: PullIssue,
  detail: PullDetail,
) {
  const { additions, deletions } = statsShape(detail.files);
  return {
    ...pullShape(urls, repository, issue),
    merged: issue.pull.mergedAt !== null,
    mergeable: issue.pull.mergeable ?? null,
    rebaseable: issue.pull.mergeable ?? null,
    mergeable_state: mergeableState(issue.pull),
    merged_by: userOrNull(urls, issue.pull.mergedBy),
    comments: [...repository.comments.values()].filter(
      (comment) => comment.issue === issue,
    ).length,
    review_comments: 0,
    maintainer_can_modify: issue.pull.maintainerCanModify,
    commits: detail.commits,
    additions,
    deletions,
    changed_files: detail.files.length,
  };
}

function mergeableState(pull: PullRequest): string {
  if (pull.mergeable === undefined) return "unknown";
  if (!pull.mergeable) return "dirty";
  return pull.draft ? "draft" : "clean";
}

const side = (
  urls: Urls,
  repository: Repository,
  ref: string,
  sha: string,
) => ({
  label: `${repository.owner.login}:${ref}`,
  ref,
  sha,
  user: userShape(urls, repository.owner),
  repo: repositoryShape(urls, repository),
});

export function reviewShape(
  urls: Urls,
  repository: Repository,
  issue: PullIssue,
  review: Review,
) {
  const page = `${issuePage(urls, repository, issue)}#pullrequestreview-${review.id}`;
  const pull = pullUrl(urls, repository, issue);
  return {
    id: review.id,
    node_id: nodeId("review", review.id),
    user: userShape(urls, review.author.user),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: pull,
    author_association: authorAssociation(repository, review.author.user),
    _links: { html: { href: page }, pull_request: { href: pull } },
    submitted_at: iso(review.submittedAt),
    commit_id: review.commitSha,
  };
}
