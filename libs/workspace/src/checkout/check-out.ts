import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { runTool } from "@pullwright/sandbox";

import { type Git, type GitScope, records } from "../git/git.js";
import { sha } from "../git/names.js";
import { holdsExactly } from "./holds-exactly.js";
import type { OwnedFolders } from "./owned-folders.js";

const TIMEOUT_MS = 15 * 60_000;
/** What belongs to a checkout at rest; the rest is a merge that was never finished, or the lock of a killed git. */
const LASTING = new Set(["HEAD", "config", "index", "objects", "refs"]);

export interface CheckOut {
  readonly headSha: string;
  /** Whether the tree was laid out before. */
  readonly reused: boolean;
  readonly signal?: AbortSignal;
}

export interface CheckOutTools {
  readonly git: Git;
  readonly folders: OwnedFolders;
  readonly searchPath: string;
}

/**
 * Makes the tree equal to the commit. A tree that an agent had is trusted no further than the index's stat data: git
 * compares size, times, inode, mode and above all ctime, which nobody inside a sandbox can set back, and writes every
 * file anew that differs. Whatever the index does not know is removed, ignored files and nested repositories included.
 */
export async function checkOut(
  { git, folders, searchPath }: CheckOutTools,
  scope: Required<GitScope>,
  { headSha, reused, signal }: CheckOut,
): Promise<void> {
  const head = join(scope.gitDir, "HEAD");
  if (reused) await dropUnfinished(scope.gitDir, folders);
  await writeFile(head, `${sha(headSha)}\n`);
  await folders.own(head);
  if (reused && (await holdsExactly(git, scope, headSha, searchPath))) return;
  // Looked for beside, because it takes half as long as the comparison itself.
  const nested = reused ? nestedRepositories(scope.workTree, searchPath) : [];
  await git.run(scope, ["read-tree", "--reset", "-u", sha(headSha)], {
    timeoutMs: TIMEOUT_MS,
    signal,
  });
  if (!reused) return;
  for (const path of await nested) await folders.remove(path);
  await git.run(scope, ["clean", "-ffdxq"], { timeoutMs: TIMEOUT_MS });
}

/** Whatever is called .git below the top: git itself leaves it alone, in whatever folder it lies. */
async function nestedRepositories(
  tree: string,
  searchPath: string,
): Promise<string[]> {
  const args = [
    "-H",
    tree,
    "-mindepth",
    "2",
    "-name",
    ".git",
    "-prune",
    "-print0",
  ];
  const { stdout } = await runTool({
    command: "find",
    args,
    cwd: "/",
    env: { PATH: searchPath },
  });
  return records(stdout);
}

async function dropUnfinished(
  gitDir: string,
  folders: OwnedFolders,
): Promise<void> {
  const names = await readdir(gitDir);
  for (const name of names.filter((one) => !LASTING.has(one)))
    await folders.remove(join(gitDir, name));
}
