import { runGit } from "./run-git.js";
import type { GitRepository } from "./git-repository.js";

/** Whether two commits merge without conflict, found by really merging them (no work tree needed). */
export async function mergesCleanly(
  git: GitRepository,
  base: string,
  head: string,
): Promise<boolean> {
  const result = await runGit(git.path, [
    "merge-tree",
    "--write-tree",
    "--name-only",
    "--no-messages",
    base,
    head,
  ]);
  if (result.exitCode > 1)
    throw new Error(
      `git merge-tree ended with ${result.exitCode}: ${result.stderr.trim()}`,
    );
  return result.exitCode === 0;
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
