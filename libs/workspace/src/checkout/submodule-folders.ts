import { lstat, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { type Git, type GitScope, records } from "../git/git.js";
import { GitError } from "../git/git-error.js";
import { GITLINK } from "../git/modes.js";
import type { OwnedFolders } from "./owned-folders.js";

/** A submodule's mode in an index, in bytes: 00 00 e0 00. */
const MODE_BYTE = 0xe0;

/**
 * Empties the folders of submodules before git looks at a tree that an agent had, and returns their paths. We never fill
 * them, and git keeps out of them: what is planted there is neither listed nor cleaned nor committed. Worse, a repository
 * in such a folder is asked by git whether it has changed, and then runs its own filters, outside the sandbox.
 */
export async function emptySubmoduleFolders(
  git: Git,
  scope: Required<GitScope>,
  folders: OwnedFolders,
): Promise<string[]> {
  const paths = await submodules(git, scope);
  for (const path of paths) {
    if (!(await isReachedByFolders(scope.workTree, dirname(path)))) continue;
    const folder = join(scope.workTree, path);
    await folders.remove(folder, dirname(scope.workTree));
    if ((await readdir(folder).catch(() => [])).length > 0)
      throw new GitError("GIT_FAILED", `${path} cannot be emptied.`);
    await folders.make(folder);
  }
  return paths;
}

/** The submodules that our index has; an agent's repository in the place of a file can have become one. */
async function submodules(
  git: Git,
  scope: Required<GitScope>,
): Promise<string[]> {
  // Hardly a repository has one. To search the index of 20,000 files takes 1 ms, to have git list it 15 ms.
  if (!mayHoldGitlink(await readFile(join(scope.gitDir, "index")))) return [];
  const { stdout } = await git.run(scope, ["ls-files", "--stage", "-z"]);
  return records(stdout)
    .filter((record) => record.startsWith(`${GITLINK} `))
    .map((record) => record.slice(record.indexOf("\t") + 1));
}

/** Whether the mode of a submodule is anywhere among the bytes, by chance too. */
function mayHoldGitlink(index: Buffer): boolean {
  let at = index.indexOf(MODE_BYTE);
  while (at !== -1) {
    if (index[at - 2] === 0 && index[at - 1] === 0 && index[at + 1] === 0)
      return true;
    at = index.indexOf(MODE_BYTE, at + 1);
  }
  return false;
}

/** A link on the way would lead us out of the tree; behind one git sees no submodule. */
async function isReachedByFolders(
  tree: string,
  path: string,
): Promise<boolean> {
  if (path === ".") return true;
  if (!(await isReachedByFolders(tree, dirname(path)))) return false;
  const found = await lstat(join(tree, path)).catch(() => undefined);
  return found?.isDirectory() ?? false;
}
