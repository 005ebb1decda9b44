import { isAncestor, mergedTree } from "../git/merge.js";
import { invalid } from "../http/http-error.js";
import { userShape } from "../shapes/user-shape.js";
import { isPull, type PullIssue } from "../shapes/pull-shape.js";
import type { Actor, PullRequest, Repository, User } from "../state/model.js";
import type { World } from "../state/world.js";
import { emitPull } from "./emit-pull.js";
import { recordEvent } from "./issue-events.js";
import { addIssue } from "./issues.js";

interface NewPull {
  readonly title: string;
  readonly body: string | null;
  /** `branch` or `owner:branch`. */
  readonly head: string;
  readonly base: string;
  readonly draft: boolean;
  readonly maintainerCanModify: boolean;
}

const wrong = (field: string) =>
  invalid({ resource: "PullRequest", field, code: "invalid" });
const refused = (message: string) =>
  invalid({ resource: "PullRequest", code: "custom", message });

/** Opens a pull request, or refuses with the 422 that GitHub gives. */
export async function openPull(
  world: World,
  repository: Repository,
  input: NewPull,
  actor: Actor,
): Promise<PullIssue> {
  const { git } = repository;
  const headRef = branchOf(repository, input.head) ?? raise(wrong("head"));
  const [headSha, baseSha] = await Promise.all([
    branchTip(repository, headRef),
    branchTip(repository, input.base),
  ]);
  if (baseSha === undefined) throw wrong("base");
  if (headSha === undefined) throw wrong("head");
  if (await isAncestor(git, headSha, baseSha))
    throw refused(`No commits between ${input.base} and ${headRef}`);
  // From here to `addIssue` nothing waits, so two requests at once cannot both find the place free.
  const isDouble = openPulls(repository).some(
    ({ pull }) => pull.headRef === headRef && pull.baseRef === input.base,
  );
  if (isDouble)
    throw refused(
      `A pull request already exists for ${repository.owner.login}:${headRef}.`,
    );

  const pull: PullRequest = {
    id: world.nextId(),
    headRef,
    headSha,
    baseRef: input.base,
    baseSha,
    draft: input.draft,
    maintainerCanModify: input.maintainerCanModify,
    mergedAt: null,
    mergedBy: null,
    mergeCommitSha: null,
    requestedReviewers: [],
    reviews: [],
    mergeable: undefined,
  };
  const issue = addIssue(world, repository, input, actor, pull) as PullIssue; // it was given the pull request
  await git.text("update-ref", `refs/pull/${issue.number}/head`, headSha);
  emitPull(world, repository, issue, "opened", actor);
  return issue;
}

export const openPulls = (repository: Repository): PullIssue[] =>
  [...repository.issues.values()]
    .filter(isPull)
    .filter((issue) => issue.state === "open");

/** Makes a draft ready or a ready one a draft; no change, no event. */
export function setDraft(
  world: World,
  repository: Repository,
  issue: PullIssue,
  draft: boolean,
  actor: Actor,
): void {
  if (issue.pull.draft === draft) return;
  issue.pull.draft = draft;
  issue.updatedAt = world.now();
  recordEvent(
    world,
    repository,
    issue,
    actor,
    draft ? "convert_to_draft" : "ready_for_review",
  );
  emitPull(
    world,
    repository,
    issue,
    draft ? "converted_to_draft" : "ready_for_review",
    actor,
  );
}

/** Points a pull request at another base. */
export async function changeBase(
  world: World,
  repository: Repository,
  issue: PullIssue,
  base: string,
  actor: Actor,
): Promise<void> {
  if (base === issue.pull.baseRef) return;
  const sha = await branchTip(repository, base);
  if (sha === undefined) throw wrong("base");
  const from = {
    ref: { from: issue.pull.baseRef },
    sha: { from: issue.pull.baseSha },
  };
  issue.pull.baseRef = base;
  issue.pull.baseSha = sha;
  issue.pull.mergeable = undefined;
  issue.updatedAt = world.now();
  recordEvent(world, repository, issue, actor, "base_ref_changed");
  emitPull(world, repository, issue, "edited", actor, {
    changes: { base: from },
  });
}

export function requestReviewers(
  world: World,
  repository: Repository,
  issue: PullIssue,
  users: readonly User[],
  actor: Actor,
): void {
  for (const reviewer of users) {
    if (issue.pull.requestedReviewers.includes(reviewer)) continue;
    issue.pull.requestedReviewers = [
      ...issue.pull.requestedReviewers,
      reviewer,
    ];
    recordEvent(world, repository, issue, actor, "review_requested", {
      requestedReviewer: reviewer,
    });
    emitPull(world, repository, issue, "review_requested", actor, {
      requested_reviewer: userShape(world.urls, reviewer),
    });
  }
}

export function withdrawReviewers(
  world: World,
  repository: Repository,
  issue: PullIssue,
  users: readonly User[],
  actor: Actor,
): void {
  for (const reviewer of users) {
    if (!issue.pull.requestedReviewers.includes(reviewer)) continue;
    issue.pull.requestedReviewers = issue.pull.requestedReviewers.filter(
      (candidate) => candidate !== reviewer,
    );
    recordEvent(world, repository, issue, actor, "review_request_removed", {
      requestedReviewer: reviewer,
    });
    emitPull(world, repository, issue, "review_request_removed", actor, {
      requested_reviewer: userShape(world.urls, reviewer),
    });
  }
}

/**
 * Starts computing whether a pull request merges, unless it is known. GitHub does this in the background when the
 * pull request is first looked at, so the first answer says `null`.
 */
export function startComputingMergeable(
  repository: Repository,
  issue: PullIssue,
): void {
  const { pull } = issue;
  if (pull.mergeable !== undefined || issue.state === "closed") return;
  const { baseSha, headSha } = pull;
  void mergedTree(repository.git, baseSha, headSha).then(
    (tree) => {
      if (pull.baseSha === baseSha && pull.headSha === headSha)
        pull.mergeable = tree !== undefined;
    },
    // Stays unknown; the next look tries again.
    () => undefined,
  );
}

/** The branch of this repository that a `head` names; forks are not served. */
function branchOf(repository: Repository, head: string): string | undefined {
  const colon = head.indexOf(":");
  if (colon === -1) return head;
  return head.slice(0, colon).toLowerCase() ===
    repository.owner.login.toLowerCase()
    ? head.slice(colon + 1)
    : undefined;
}

export const branchTip = (
  repository: Repository,
  branch: string,
): Promise<string | undefined> =>
  repository.git.tryText(
    "rev-parse",
    "--verify",
    "--quiet",
    `refs/heads/${branch}^{commit}`,
  );

function raise(error: Error): never {
  throw error;
}
