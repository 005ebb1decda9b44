import type { CheckoutState } from "../checkout/checkout-state.js";
import { committerOf } from "../commit/commit-tree.js";
import type { Person } from "../commit/commit-request.js";
import { type Git, type GitScope, records } from "../git/git.js";
import { sha as checkedSha } from "../git/names.js";

const TIMEOUT_MS = 10 * 60_000;

export interface RebasePlace {
  readonly scope: Required<GitScope>;
  readonly state: CheckoutState;
  readonly committer: Person;
}

export type RebaseAnswer =
  | { readonly kind: "up_to_date" }
  | { readonly kind: "rebased"; readonly sha: string }
  | { readonly kind: "conflict"; readonly files: readonly string[] };

export type MergeAnswer =
  | { readonly kind: "up_to_date" }
  /** The tree holds the merge; a commit makes it one. */
  | { readonly kind: "merged" }
  /** The tree holds both sides between markers in these files, for the agent to settle. */
  | { readonly kind: "conflict"; readonly files: readonly string[] };

/**
 * Puts the branch's own commits on a newer base, with their messages, trailers and authors. All or nothing: on a conflict
 * the tree is as it was. It works in our own git directory, so no hook or driver of the repository runs.
 */
export async function rebaseOnto(
  git: Git,
  place: RebasePlace,
  onto: string,
): Promise<RebaseAnswer> {
  const { scope, state } = place;
  const head = await state.head();
  const fork = await forkPoint(git, scope, head, onto);
  if (fork === onto) return { kind: "up_to_date" };
  const args = [
    "--onto",
    checkedSha(onto),
    ...(fork === undefined ? ["--root"] : [fork]),
  ];
  // The authors are those of the commits; only the committer is given.
  const call = {
    env: { ...committerOf(place.committer), GIT_SEQUENCE_EDITOR: "false" },
    timeoutMs: TIMEOUT_MS,
  };
  const result = await git.run(
    scope,
    ["rebase", "--quiet", "--no-verify", "--no-autosquash", ...args],
    { ...call, answers: [1] },
  );
  if (result.exitCode === 0)
    return {
      kind: "rebased",
      sha: await git.text(scope, ["rev-parse", "HEAD"]),
    };
  const files = await unmerged(git, scope);
  await git.run(scope, ["rebase", "--abort"], call);
  await state.moveHead(head);
  return { kind: "conflict", files };
}

/** Merges the newer base into the tree, conflicts left open for the agent; the next commit has both as its parents. */
export async function mergeForAgent(
  git: Git,
  place: RebasePlace,
  onto: string,
): Promise<MergeAnswer> {
  const { scope, state } = place;
  const head = await state.head();
  if ((await forkPoint(git, scope, head, onto)) === onto)
    return { kind: "up_to_date" };
  const result = await git.run(
    scope,
    [
      "merge",
      "--quiet",
      "--no-ff",
      "--no-commit",
      "--no-verify",
      checkedSha(onto),
    ],
    {
      env: committerOf(place.committer),
      timeoutMs: TIMEOUT_MS,
      answers: [1],
    },
  );
  if (result.exitCode === 0) return { kind: "merged" };
  const files = await unmerged(git, scope);
  await state.keepConflicts(files);
  return { kind: "conflict", files };
}

async function forkPoint(
  git: Git,
  scope: GitScope,
  head: string,
  onto: string,
): Promise<string | undefined> {
  const base = await git.text(
    scope,
    ["merge-base", checkedSha(head), checkedSha(onto)],
    { answers: [1] },
  );
  return base === "" ? undefined : base;
}

async function unmerged(git: Git, scope: GitScope): Promise<string[]> {
  return records(
    (
      await git.run(scope, [
        "diff-files",
        "--name-only",
        "--diff-filter=U",
        "-z",
      ])
    ).stdout,
  );
}
