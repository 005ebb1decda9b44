import { runGit } from "./run-git.js";
import type { GitRepository } from "./git-repository.js";

/** The tree of two commits merged, made by git without a work tree; `undefined` when they conflict. */
export async function mergedTree(
  git: GitRepository,
  base: string,
  head: string,
): Promise<string | undefined> {
  const result = await runGit(git.path, [
    "merge-tree",
    "--write-tree",
    "--name-only",
    "--no-messages",
    base,
    head,
  ]);
  if (result.exitCode > 1 || result.exitCode < 0) {
    throw new Error(
      `git merge-tree ended with ${result.exitCode}: ${result.stderr.trim()}`,
    );
  }
  return result.exitCode === 0
    ? result.stdout.toString("utf8").trim()
    : undefined;
}

export async function mergeBase(
  git: GitRepository,
  one: string,
  other: string,
): Promise<string | undefined> {
  return git.tryText("merge-base", one, other);
}

export async function isAncestor(
  git: GitRepository,
  older: string,
  newer: string,
): Promise<boolean> {
  return (
    (await git.tryText("merge-base", "--is-ancestor", older, newer)) !==
    undefined
  );
}
