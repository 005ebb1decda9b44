import { type Git, type GitScope, records } from "../git/git.js";
import { sha as checkedSha } from "../git/names.js";
import type { CheckoutState } from "./checkout-state.js";

/**
 * Puts paths (files or folders) back to their state on base, in the tree only: an agent starts with the configuration
 * that the base branch has, and the commit keeps what the branch had. Returns the files that differed.
 */
export async function restoreFromBase(
  git: Git,
  scope: Required<GitScope>,
  state: CheckoutState,
  base: string,
  paths: readonly string[],
): Promise<string[]> {
  if (paths.length === 0) return [];
  const head = await state.head();
  if (head === base) return [];
  const flags = ["-r", "-z", "--name-only", "--no-renames"] as const;
  const names = await git.run(scope, [
    "diff-tree",
    ...flags,
    checkedSha(head),
    checkedSha(base),
    "--",
    ...paths,
  ]);
  const differing = records(names.stdout);
  if (differing.length === 0) return [];
  const there = await git.run(scope, [
    "ls-tree",
    "-r",
    "-z",
    "--name-only",
    checkedSha(base),
    "--",
    ...differing,
  ]);
  const onBase = records(there.stdout);
  const gone = differing.filter((path) => !onBase.includes(path));
  // `restore` takes from the commit into the tree and leaves the index alone; a file that base has not is removed.
  await git.run(scope, [
    "restore",
    "--worktree",
    "--no-overlay",
    `--source=${checkedSha(base)}`,
    "--",
    ...onBase,
    ...gone,
  ]);
  await state.keepRestored(differing);
  return differing;
}
