import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { runTool } from "@pullwright/sandbox";

import { emptyQuarantine } from "../commit/quarantine.js";
import { type Git, type GitScope, records } from "../git/git.js";
import { sha } from "../git/names.js";
import { CLOSED_FOLDER, holdsExactly } from "./holds-exactly.js";
import type { OwnedFolders } from "./owned-folders.js";
import { emptySubmoduleFolders } from "./submodule-folders.js";

const TIMEOUT_MS = 15 * 60_000;
/** What belongs to a checkout at rest; the rest is a merge that was never finished, or the lock of a killed git. */
const LASTING = new Set(["HEAD", "config", "index", "objects", "refs"]);

export interface CheckOut {
  readonly headSha: string;
  /** Whether the tree was laid out before. */
  readonly reused: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface CheckOutTools {
  readonly git: Git;
  readonly folders: OwnedFolders;
  readonly searchPath: string;
}

/**
 * Makes the tree equal to the commit. A tree that an agent had is trusted no further than the index's stat data: git
 * compares size, times, inode, mode and above all ctime, which nobody inside a sandbox can set back, and writes every
 * file anew that differs. Whatever the index does not know is removed, ignored files, nested repositories and what lies in
 * the folders of submodules included.
 */
export async function checkOut(
  { git, folders, searchPath }: CheckOutTools,
  scope: Required<GitScope>,
  { headSha, reused, signal }: CheckOut,
): Promise<void> {
  const head = join(scope.gitDir, "HEAD");
  if (reused) {
    await dropUnfinished(scope.gitDir, folders);
    await emptyQuarantine(scope, folders);
  }
  await writeFile(head, `${sha(headSha)}\n`);
  await folders.own(head);
  const submodules = reused
    ? await emptySubmoduleFolders(git, scope, folders)
    : [];
  if (
    reused &&
    submodules.length === 0 &&
    (await holdsExactly(git, scope, headSha, searchPath))
  )
    return;
  // Looked for beside, because it takes half as long as the comparison itself.
  const found = reused ? lookThrough(scope.workTree, searchPath) : undefined;
  await git.run(scope, ["read-tree", "--reset", "-u", sha(headSha)], {
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  if (found === undefined) return;
  const { isClosed, repositories } = await found;
  if (isClosed) throw new Error("A folder of the tree keeps its user out.");
  for (const path of repositories) await folders.remove(path);
  await git.run(scope, ["clean", "-ffdxq"], { timeoutMs: TIMEOUT_MS, signal });
  // Those that this commit has and the one before had not; and a link in the way is gone now.
  await emptySubmoduleFolders(git, scope, folders);
}

/**
 * What git itself leaves alone: whatever is called .git below the top, in whatever folder it lies, and the rights of
 * folders.
 */
async function lookThrough(
  tree: string,
  searchPath: string,
): Promise<{ isClosed: boolean; repositories: string[] }> {
  const { stdout } = await runTool({
    command: "find",
    args: [
      ...[".", "-path", "./.git", "-prune"],
      ...["-o", ...CLOSED_FOLDER, "-printf", "!\\0"],
      ...["-o", "-name", ".git", "-prune", "-print0"],
    ],
    cwd: tree,
    env: { PATH: searchPath },
  });
  const names = records(stdout);
  return {
    isClosed: names.includes("!"),
    repositories: names
      .filter((name) => name !== "!")
      .map((name) => join(tree, name)),
  };
}

async function dropUnfinished(
  gitDir: string,
  folders: OwnedFolders,
): Promise<void> {
  const names = await readdir(gitDir);
  for (const name of names.filter((one) => !LASTING.has(one)))
    await folders.remove(join(gitDir, name));
}
