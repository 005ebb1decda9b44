import type { Commit } from "../git/commits.js";
import type { FileDiff } from "../git/diff.js";
import type { Repository, User } from "../state/model.js";
import { repositoryPage, repositoryUrl, type Urls } from "../state/urls.js";
import type { World } from "../state/world.js";
import { nodeId } from "./node-id.js";
import { userOrNull } from "./user-shape.js";

export function commitShape(
  world: World,
  repository: Repository,
  commit: Commit,
) {
  const { urls } = world;
  const url = repositoryUrl(urls, repository);
  const page = repositoryPage(urls, repository);
  return {
    sha: commit.sha,
    node_id: nodeId("commit", commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: `${url}/git/trees/${commit.tree}` },
      url: `${url}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: {
        verified: false,
        reason: "unsigned",
        signature: null,
        payload: null,
        verified_at: null,
      },
    },
    url: `${url}/commits/${commit.sha}`,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${url}/commits/${commit.sha}/comments`,
    author: userOrNull(urls, userByEmail(world, commit.author.email)),
    committer: userOrNull(urls, userByEmail(world, commit.committer.email)),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${url}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`,
    })),
  };
}

/** GitHub links a commit to an account by its e-mail address. */
export const userByEmail = (world: World, email: string): User | undefined =>
  [...world.users.values()].find((user) => user.email === email);

export function fileShape(
  urls: Urls,
  repository: Repository,
  sha: string,
  file: FileDiff,
) {
  const url = repositoryUrl(urls, repository);
  const page = repositoryPage(urls, repository);
  const path = file.filename.split("/").map(encodeURIComponent).join("/");
  return {
    sha: file.blobSha,
    filename: file.filename,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${sha}/${path}`,
    raw_url: `${page}/raw/${sha}/${path}`,
    contents_url: `${url}/contents/${path}?ref=${sha}`,
    ...(file.patch === undefined ? {} : { patch: file.patch }),
    ...(file.previousFilename === undefined
      ? {}
      : { previous_filename: file.previousFilename }),
  };
}

export function statsShape(files: readonly FileDiff[]) {
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return { additions, deletions, total: additions + deletions };
}
