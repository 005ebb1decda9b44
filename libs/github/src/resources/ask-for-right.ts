import { messageOf } from "@pullwright/platform";
import { isGitHubError } from "../error/github-error.js";
import type { RepositoryName } from "../repository-name.js";
import { at, type Door } from "../transport/door.js";
import type { RightReading, WriteRight } from "./write-right.js";

/** git takes no name with blanks, and no object has this id. */
const NO_BRANCH = "no branch has such a name";
const NO_COMMIT = "0".repeat(40);
/** Blank, and longer than the 256 characters that GitHub takes. */
const NO_TITLE = " ".repeat(300);

type Request = (door: Door, repository: RepositoryName) => Promise<unknown>;

/**
 * Requests of the right shape that cannot be carried out, whoever asks: GitHub refuses them with 422, and before that with
 * 403 who lacks the right.
 */
const impossible: Readonly<Record<WriteRight, Request>> = {
  contents: (door, repository) =>
    door.rest.git.createRef({
      ...at(repository),
      ref: `refs/heads/${NO_BRANCH}`,
      sha: NO_COMMIT,
    }),
  issues: (door, repository) =>
    door.rest.issues.create({ ...at(repository), title: NO_TITLE }),
  pull_requests: (door, repository) =>
    door.rest.pulls.create({
      ...at(repository),
      title: NO_TITLE,
      head: NO_BRANCH,
      base: NO_BRANCH,
    }),
  statuses: (door, repository) =>
    door.rest.repos.createCommitStatus({
      ...at(repository),
      sha: NO_COMMIT,
      state: "error",
    }),
  checks: (door, repository) =>
    door.rest.checks.create({
      ...at(repository),
      name: NO_TITLE,
      head_sha: NO_COMMIT,
    }),
};

/** Finds out about a right where GitHub has no list of them, as of a fine-grained token. Changes nothing. */
export async function askForRight(
  door: Door,
  repository: RepositoryName,
  right: WriteRight,
): Promise<RightReading> {
  try {
    await impossible[right](door, repository);
  } catch (error) {
    if (!isGitHubError(error)) throw error;
    if (error.status === 422) return { right, verdict: "held" };
    const verdict = error.fault === "forbidden" ? "missing" : "unknown";
    return { right, verdict, because: messageOf(error) };
  }
  const because = "GitHub took what it refuses elsewhere.";
  return { right, verdict: "unknown", because };
}
