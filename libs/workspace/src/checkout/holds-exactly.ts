import { open } from "node:fs/promises";
import { join } from "node:path";

import { runTool } from "@pullwright/sandbox";

import type { Git, GitScope } from "../git/git.js";
import { sha } from "../git/names.js";

const ZERO = "0".charCodeAt(0);
const FOLDER = "d".charCodeAt(0);
const CLOSED = "!".charCodeAt(0);

/**
 * What tells `find` a folder that keeps its own user out. git does not know the rights of folders: one would go on from
 * phase to phase, and its tests would be found by nobody.
 */
export const CLOSED_FOLDER = ["-type", "d", "!", "-perm", "-700"] as const;

/**
 * Whether a tree is the commit and nothing besides: every file of the commit is there as the index knows it, there are
 * as many files as the index has, and no folder is closed, or empty, as one that git does not know would be, or one
 * inside it.
 * Nothing is written. Twice as fast as having git check out and clean: the looks go side by side, and git's own has
 * threads.
 */
export async function holdsExactly(
  git: Git,
  scope: Required<GitScope>,
  commit: string,
  searchPath: string,
): Promise<boolean> {
  const [difference, wanted, found] = await Promise.all([
    git.run(scope, ["diff-index", "--quiet", sha(commit), "--"], {
      answers: [1],
    }),
    entriesOfIndex(join(scope.gitDir, "index")),
    filesHere(scope.workTree, searchPath),
  ]);
  return difference.ok && wanted === found;
}

/**
 * How many entries an index has, by its first twelve bytes: "DIRC", the version, the number (gitformat-index(5)). A
 * submodule is an entry and no file, and git looks into none: who asks sees to it that there is none, or its folder empty,
 * and then the tree is not held.
 */
async function entriesOfIndex(path: string): Promise<number> {
  const index = await open(path);
  try {
    const header = Buffer.alloc(12);
    await index.read(header);
    return header.readUInt32BE(8);
  } finally {
    await index.close();
  }
}

/** How many files a tree has, or whatever else is no folder; null where a folder is empty, or closed, or cannot be read. */
async function filesHere(
  tree: string,
  searchPath: string,
): Promise<number | null> {
  const { ok, stdout } = await runTool({
    command: "find",
    args: [
      // The agent's own repository at the top does not count; one further below does.
      ...[".", "-path", "./.git", "-prune"],
      ...["-o", ...CLOSED_FOLDER, "-printf", "!", "-o", "-printf", "%d%y"],
    ],
    cwd: tree,
    env: { PATH: searchPath },
  });
  return ok ? countFiles(stdout) : null;
}

/** Reads depths and types, such as `0d1d2f2f1f`, where what a folder holds comes right after it. */
function countFiles(listing: Buffer): number | null {
  let files = 0;
  let depth = 0;
  /** Of what the folder that was read last must hold. */
  let within: number | null = null;
  for (const byte of listing) {
    if (byte === CLOSED) return null;
    if (byte >= ZERO && byte < ZERO + 10) {
      depth = depth * 10 + byte - ZERO;
      continue;
    }
    if (within !== null && depth !== within) return null;
    within = byte === FOLDER ? depth + 1 : null;
    if (byte !== FOLDER) files += 1;
    depth = 0;
  }
  return within === null ? files : null;
}
