import { issuePage } from "../shapes/issue-shape.js";
import { nodeId } from "../shapes/node-id.js";
import { isPull, type PullIssue } from "../shapes/pull-shape.js";
import { userShape } from "../shapes/user-shape.js";
import { fullName } from "../state/full-name.js";
import type { Issue, Repository, User } from "../state/model.js";
import { repositoryPage } from "../state/urls.js";
import type { World } from "../state/world.js";
import { GraphqlError } from "./graphql-error.js";

/** Objects of GitHub's GraphQL schema; fields that cost something or take arguments are functions. */

export function userNode(world: World, user: User) {
  const { html_url, avatar_url } = userShape(world.urls, user);
  return {
    __typename: user.type === "Bot" ? "Bot" : "User",
    id: nodeId("user", user.id),
    databaseId: user.id,
    // GraphQL names a bot without the suffix that REST adds.
    login: user.login.replace(/\[bot\]$/, ""),
    name: user.name,
    url: html_url,
    avatarUrl: avatar_url,
  };
}

export function repositoryNode(world: World, repository: Repository) {
  return {
    __typename: "Repository",
    id: nodeId("repository", repository.id),
    databaseId: repository.id,
    name: repository.name,
    nameWithOwner: fullName(repository),
    url: repositoryPage(world.urls, repository),
    isPrivate: repository.isPrivate,
    issue: ({ number }: { number: number }) => {
      const issue = repository.issues.get(number);
      if (issue === undefined || isPull(issue))
        throw unresolved("an Issue", number);
      return issueNode(world, repository, issue);
    },
    pullRequest: ({ number }: { number: number }) => {
      const issue = repository.issues.get(number);
      if (issue === undefined || !isPull(issue))
        throw unresolved("a PullRequest", number);
      return pullNode(world, repository, issue);
    },
  };
}

export function issueNode(world: World, repository: Repository, issue: Issue) {
  return {
    __typename: "Issue",
    id: nodeId("issue", issue.id),
    databaseId: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body ?? "",
    url: issuePage(world.urls, repository, issue),
    state: issue.state.toUpperCase(),
    author: userNode(world, issue.author.user),
  };
}

export function pullNode(
  world: World,
  repository: Repository,
  issue: PullIssue,
) {
  const { pull } = issue;
  const merged = pull.mergedAt !== null;
  return {
    ...issueNode(world, repository, issue),
    __typename: "PullRequest",
    id: nodeId("pullRequest", pull.id),
    databaseId: pull.id,
    state: merged ? "MERGED" : issue.state.toUpperCase(),
    isDraft: pull.draft,
    mergeable:
      pull.mergeable === undefined
        ? "UNKNOWN"
        : pull.mergeable
          ? "MERGEABLE"
          : "CONFLICTING",
    headRefName: pull.headRef,
    headRefOid: pull.headSha,
    baseRefName: pull.baseRef,
    baseRefOid: pull.baseSha,
    closed: issue.state === "closed",
    merged,
  };
}

const unresolved = (what: string, number: number) =>
  new GraphqlError(
    "NOT_FOUND",
    `Could not resolve to ${what} with the number of ${number}.`,
  );
