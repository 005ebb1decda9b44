import { fullName } from "../state/full-name.js";
import type { Repository, Role } from "../state/model.js";
import { repositoryPage, repositoryUrl, type Urls } from "../state/urls.js";
import { nodeId } from "./node-id.js";
import { iso } from "./time.js";
import { userShape } from "./user-shape.js";

/** A repository with every field that any answer or webhook asks for; `role` adds what the viewer may do. */
export function repositoryShape(
  urls: Urls,
  repository: Repository,
  role?: Role,
) {
  const url = repositoryUrl(urls, repository);
  const page = repositoryPage(urls, repository);
  const openIssues = [...repository.issues.values()].filter(
    (issue) => issue.state === "open",
  ).length;
  return {
    id: repository.id,
    node_id: nodeId("repository", repository.id),
    name: repository.name,
    full_name: fullName(repository),
    private: repository.isPrivate,
    owner: userShape(urls, repository.owner),
    html_url: page,
    description: null,
    fork: false,
    url,
    ...apiUrls(url),
    git_url: `${page.replace(/^https?:/, "git:")}.git`,
    ssh_url: `git@${new URL(urls.server).hostname}:${fullName(repository)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    mirror_url: null,
    homepage: null,
    language: null,
    size: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers_count: 0,
    open_issues_count: openIssues,
    forks: 0,
    open_issues: openIssues,
    watchers: 0,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: false,
    has_downloads: false,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    allow_forking: true,
    web_commit_signoff_required: false,
    visibility: repository.isPrivate ? "private" : "public",
    license: null,
    default_branch: repository.defaultBranch,
    created_at: iso(repository.createdAt),
    updated_at: iso(repository.updatedAt),
    pushed_at: iso(repository.pushedAt),
    ...(role === undefined ? {} : { permissions: permissionsShape(role) }),
  };
}

/** What `GET /repos/{owner}/{repo}` adds. */
export const fullRepositoryShape = (
  urls: Urls,
  repository: Repository,
  role: Role,
) => ({
  ...repositoryShape(urls, repository, role),
  network_count: 0,
  subscribers_count: 0,
  allow_squash_merge: true,
  allow_merge_commit: true,
  allow_rebase_merge: false,
  allow_auto_merge: false,
  delete_branch_on_merge: false,
});

const ROLE_ORDER: readonly Role[] = [
  "none",
  "read",
  "triage",
  "write",
  "maintain",
  "admin",
];

/** A role as GitHub's five booleans. */
export function permissionsShape(role: Role) {
  const atLeast = (wanted: Role) =>
    ROLE_ORDER.indexOf(role) >= ROLE_ORDER.indexOf(wanted);
  return {
    admin: atLeast("admin"),
    maintain: atLeast("maintain"),
    push: atLeast("write"),
    triage: atLeast("triage"),
    pull: atLeast("read"),
  };
}

const apiUrls = (url: string) => ({
  archive_url: `${url}/{archive_format}{/ref}`,
  assignees_url: `${url}/assignees{/user}`,
  blobs_url: `${url}/git/blobs{/sha}`,
  branches_url: `${url}/branches{/branch}`,
  collaborators_url: `${url}/collaborators{/collaborator}`,
  comments_url: `${url}/comments{/number}`,
  commits_url: `${url}/commits{/sha}`,
  compare_url: `${url}/compare/{base}...{head}`,
  contents_url: `${url}/contents/{+path}`,
  contributors_url: `${url}/contributors`,
  deployments_url: `${url}/deployments`,
  downloads_url: `${url}/downloads`,
  events_url: `${url}/events`,
  forks_url: `${url}/forks`,
  git_commits_url: `${url}/git/commits{/sha}`,
  git_refs_url: `${url}/git/refs{/sha}`,
  git_tags_url: `${url}/git/tags{/sha}`,
  hooks_url: `${url}/hooks`,
  issue_comment_url: `${url}/issues/comments{/number}`,
  issue_events_url: `${url}/issues/events{/number}`,
  issues_url: `${url}/issues{/number}`,
  keys_url: `${url}/keys{/key_id}`,
  labels_url: `${url}/labels{/name}`,
  languages_url: `${url}/languages`,
  merges_url: `${url}/merges`,
  milestones_url: `${url}/milestones{/number}`,
  notifications_url: `${url}/notifications{?since,all,participating}`,
  pulls_url: `${url}/pulls{/number}`,
  releases_url: `${url}/releases{/id}`,
  stargazers_url: `${url}/stargazers`,
  statuses_url: `${url}/statuses/{sha}`,
  subscribers_url: `${url}/subscribers`,
  subscription_url: `${url}/subscription`,
  tags_url: `${url}/tags`,
  teams_url: `${url}/teams`,
  trees_url: `${url}/git/trees{/sha}`,
});
