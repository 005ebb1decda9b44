import { mergedTree } from "../git/merge.js";
import { HttpError } from "../http/http-error.js";
import type { PullIssue } from "../shapes/pull-shape.js";
import type { Actor, Repository } from "../state/model.js";
import type { World } from "../state/world.js";
import { recordEvent } from "./issue-events.js";
import { closeIssue } from "./issues.js";
import { changingRefs } from "./ref-changes.js";

export type MergeMethod = "merge" | "squash";

interface MergeInput {
  readonly method: MergeMethod;
  readonly title?: string | undefined;
  readonly message?: string | undefined;
  /** What the head has to be; GitHub answers 409 when it has moved. */
  readonly expectedHead?: string | undefined;
}

const CLOSING =
  /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+#(\d{1,9})\b/gi;

/** Merges a pull request on real git and closes the issues that it fixes. Returns the commit on the base branch. */
export async function mergePull(
  world: World,
  repository: Repository,
  issue: PullIssue,
  input: MergeInput,
  actor: Actor,
): Promise<string> {
  const { pull } = issue;
  const { result } = await changingRefs(world, repository, actor, async () => {
    if (issue.state === "closed")
      throw new HttpError(405, "Pull Request is not mergeable");
    if (pull.draft) throw new HttpError(405, "Pull Request is still a draft");
    if (
      input.expectedHead !== undefined &&
      input.expectedHead !== pull.headSha
    ) {
      throw new HttpError(
        409,
        "Head branch was modified. Review and try the merge again.",
      );
    }
    const tree = await mergedTree(repository.git, pull.baseSha, pull.headSha);
    if (tree === undefined)
      throw new HttpError(405, "Pull Request is not mergeable");

    const sha = await commitMerge(repository, issue, input, tree, actor);
    await repository.git.text(
      "update-ref",
      `refs/heads/${pull.baseRef}`,
      sha,
      pull.baseSha,
    );
    pull.mergedAt = world.now();
    pull.mergedBy = actor.user;
    pull.mergeCommitSha = sha;
    recordEvent(world, repository, issue, actor, "merged", { commitSha: sha });
    // Closed within the change, so that what follows from the push leaves base and diff as they were.
    closeIssue(world, repository, issue, actor);
    return sha;
  });
  if (pull.baseRef === repository.defaultBranch)
    closeFixed(world, repository, issue, actor);
  return result;
}

async function commitMerge(
  repository: Repository,
  issue: PullIssue,
  input: MergeInput,
  tree: string,
  actor: Actor,
): Promise<string> {
  const { pull } = issue;
  const isSquash = input.method === "squash";
  const title =
    input.title ??
    (isSquash
      ? `${issue.title} (#${issue.number})`
      : `Merge pull request #${issue.number} from ${repository.owner.login}/${pull.headRef}`);
  const message =
    input.message ?? (isSquash ? (issue.body ?? "") : issue.title);
  const parents = isSquash ? [pull.baseSha] : [pull.baseSha, pull.headSha];
  const { name, email } = actor.user;
  return repository.git.text(
    "-c",
    `user.name=${name}`,
    "-c",
    `user.email=${email}`,
    "commit-tree",
    tree,
    ...parents.flatMap((parent) => ["-p", parent]),
    "-m",
    title,
    ...(message === "" ? [] : ["-m", message]),
  );
}

function closeFixed(
  world: World,
  repository: Repository,
  issue: PullIssue,
  actor: Actor,
): void {
  for (const [, number] of (issue.body ?? "").matchAll(CLOSING)) {
    const fixed = repository.issues.get(Number(number));
    if (fixed !== undefined && fixed.pull === undefined)
      closeIssue(world, repository, fixed, actor);
  }
}
