import { type Change, parseChanges } from "../git/changes.js";
import type { Git, GitScope } from "../git/git.js";
import { sha as checkedSha } from "../git/names.js";

const MAX_DIFF_BYTES = 1024 ** 2;
const FLAGS = [
  "-r",
  "--no-renames",
  "--no-ext-diff",
  "--no-textconv",
  "--no-color",
] as const;

const PATCH = ["--patch"] as const;

export interface DiffText {
  readonly text: string;
  /** Not all of it is here. */
  readonly truncated: boolean;
}

/** What differs between two commits. */
export async function changedFiles(
  git: Git,
  scope: GitScope,
  base: string,
  head: string,
): Promise<Change[]> {
  const args = [
    "diff-tree",
    ...FLAGS,
    "-z",
    "--raw",
    "--numstat",
    "--abbrev=64",
    checkedSha(base),
    checkedSha(head),
  ] as const;
  return parseChanges((await git.run(scope, args)).stdout);
}

/** The patch between two commits, cut off at a line after `maxBytes`. */
export async function diff(
  git: Git,
  scope: GitScope,
  base: string,
  head: string,
  maxBytes = MAX_DIFF_BYTES,
): Promise<DiffText> {
  const trees = [checkedSha(base), checkedSha(head)];
  return patch(
    git,
    scope,
    ["diff-tree", ...FLAGS, ...PATCH, ...trees],
    maxBytes,
  );
}

/** The patch between a commit and what is staged. */
export async function stagedDiff(
  git: Git,
  scope: GitScope,
  head: string,
  maxBytes = MAX_DIFF_BYTES,
): Promise<DiffText> {
  const flags = FLAGS.filter((flag) => flag !== "-r");
  const tree = ["--cached", checkedSha(head)];
  return patch(
    git,
    scope,
    ["diff-index", ...flags, ...PATCH, ...tree],
    maxBytes,
  );
}

async function patch(
  git: Git,
  scope: GitScope,
  args: readonly [string, ...string[]],
  maxBytes: number,
): Promise<DiffText> {
  // Room for one more chunk: what goes over the cap is dropped a chunk at a time.
  const { stdout, endedBy } = await git.run(scope, args, {
    maxOutputBytes: maxBytes + 128 * 1024,
  });
  if (stdout.length <= maxBytes && endedBy === "exit")
    return { text: stdout.toString("utf8"), truncated: false };
  const end = stdout.lastIndexOf("\n", maxBytes);
  return {
    text: stdout.toString("utf8", 0, end === -1 ? maxBytes : end + 1),
    truncated: true,
  };
}
