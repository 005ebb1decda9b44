import type { Repository, Status } from "../state/model.js";
import { repositoryUrl, type Urls } from "../state/urls.js";
import { nodeId } from "./node-id.js";
import { repositoryShape } from "./repository-shape.js";
import { iso } from "./time.js";
import { userShape } from "./user-shape.js";

const simple = (urls: Urls, repository: Repository, status: Status) => ({
  url: `${repositoryUrl(urls, repository)}/statuses/${status.sha}`,
  avatar_url: userShape(urls, status.creator).avatar_url,
  id: status.id,
  node_id: nodeId("status", status.id),
  state: status.state,
  description: status.description,
  target_url: status.targetUrl,
  context: status.context,
  created_at: iso(status.createdAt),
  updated_at: iso(status.createdAt),
});

export const statusShape = (
  urls: Urls,
  repository: Repository,
  status: Status,
) => ({
  ...simple(urls, repository, status),
  creator: userShape(urls, status.creator),
});

/** A commit's statuses as one: the latest of each context, and the worst of them. */
export function combinedStatusShape(
  urls: Urls,
  repository: Repository,
  sha: string,
) {
  const latest = new Map<string, Status>();
  for (const status of repository.statuses) {
    if (status.sha === sha) latest.set(status.context, status);
  }
  const statuses = [...latest.values()];
  const has = (...states: Status["state"][]) =>
    statuses.some((status) => states.includes(status.state));
  const url = repositoryUrl(urls, repository);
  return {
    state: has("error", "failure")
      ? "failure"
      : statuses.length === 0 || has("pending")
        ? "pending"
        : "success",
    statuses: statuses.map((status) => simple(urls, repository, status)),
    sha,
    total_count: statuses.length,
    repository: repositoryShape(urls, repository),
    commit_url: `${url}/commits/${sha}`,
    url: `${url}/commits/${sha}/status`,
  };
}
