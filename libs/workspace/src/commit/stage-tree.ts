import { lstat } from "node:fs/promises";
import { join } from "node:path";

import type { OwnedFolders } from "../checkout/owned-folders.js";
import { emptySubmoduleFolders } from "../checkout/submodule-folders.js";
import { exists } from "../files/exists.js";
import { type Git, type GitScope, records } from "../git/git.js";
import { GitError } from "../git/git-error.js";
import { changeTooLarge, fileTooLarge } from "../guard/guard-changes.js";
import type { GuardPolicy } from "../guard/guard-policy.js";
import { badPath } from "../guard/path-rules.js";
import type { Violation } from "../guard/violation.js";

/** A cut-off `Write` of Claude Code leaves `new.txt.tmp.<pid>.<hash>`. */
const LEFTOVERS: readonly RegExp[] = [/\.tmp\.\d+\.[0-9a-f]+$/];
const ADD_TIMEOUT_MS = 10 * 60_000;

export interface StageRequest {
  readonly scope: Required<GitScope>;
  readonly folders: OwnedFolders;
  readonly policy: GuardPolicy;
  readonly leftovers: readonly RegExp[];
  /** Paths that were put back to their state on base for the agent's sake; the commit keeps what head has. */
  readonly restored: readonly string[];
}

/** Takes what changed in the tree into the index; first looks whether git could and should. */
export async function stageTree(
  git: Git,
  request: StageRequest,
): Promise<Violation[]> {
  const { scope, folders, policy, restored } = request;
  const resisting = await emptySubmoduleFolders(git, scope, folders).then(
    () => [],
    unreadable,
  );
  if (resisting.length > 0) return resisting;
  const untracked = await removeLeftovers(git, request);
  const look = async () => {
    const paths = new Set([...untracked, ...(await modified(git, scope))]);
    for (const path of restored) paths.delete(path);
    return preview([...paths], scope.workTree, policy);
  };
  if ((await look()).length > 0) {
    // A file that was only touched is named as well, until git has read it.
    await git.run(scope, ["update-index", "-q", "--unmerged", "--refresh"], {
      answers: [1],
      timeoutMs: ADD_TIMEOUT_MS,
    });
    const violations = await look();
    if (violations.length > 0) return violations;
  }
  const pathspecs = [
    ".",
    ...restored.map((path) => `:(exclude,literal,top)${path}`),
  ];
  return git
    .run(scope, ["add", "--all", "--", ...pathspecs], {
      timeoutMs: ADD_TIMEOUT_MS,
      env: { GIT_LITERAL_PATHSPECS: "0" },
    })
    .then(() => [], unreadable);
}

/** What `git add` ends with where it is the files that it cannot take (`builtin/add.c`); of the index it speaks otherwise. */
const FILES_FAILED = /(?:adding|updating) files failed/;

/** The agent can make files that nobody can read; that is its fault, not the machine's. */
function unreadable(error: unknown): Violation[] {
  if (
    !(error instanceof GitError) ||
    error.code !== "GIT_FAILED" ||
    !FILES_FAILED.test(error.message)
  )
    throw error;
  const message = `Not all files can be taken into the commit. ${error.message}`;
  return [{ rule: "unreadable", path: null, message }];
}

async function modified(git: Git, scope: GitScope): Promise<string[]> {
  return records(
    (await git.run(scope, ["diff-files", "--name-only", "-z"])).stdout,
  );
}

/** What git would refuse or choke on, or the guards refuse for its size, is found before anything of it is stored. */
async function preview(
  paths: readonly string[],
  tree: string,
  policy: GuardPolicy,
): Promise<Violation[]> {
  if (paths.length > 10 * policy.maxFiles) {
    const message = `More than ${paths.length - 1} files are changed; ${policy.maxFiles} are allowed.`;
    return [{ rule: "too_many_files", path: null, message }];
  }
  const violations: Violation[] = [];
  let totalBytes = 0;
  for (const path of paths) {
    const file = join(tree, path);
    const stats = await lstat(file).catch(() => undefined);
    // git lists one that is new as a folder, with a slash at its end, and one in a file's place as the file.
    const isRepository =
      path.endsWith("/") ||
      (stats?.isDirectory() && (await exists(join(file, ".git"))));
    if (isRepository) {
      violations.push({
        rule: "nested_repository",
        path,
        message: `${path} is a repository of its own.`,
      });
      continue;
    }
    const bad = badPath(path);
    if (bad) violations.push(bad);
    if (!stats?.isFile()) continue;
    totalBytes += stats.size;
    const large = fileTooLarge(path, stats.size, policy);
    if (large) violations.push(large);
  }
  if (violations.length > 0) return violations;
  const tooMuch = changeTooLarge(totalBytes, policy);
  return tooMuch ? [tooMuch] : [];
}

/** Returns the untracked paths that stay. */
async function removeLeftovers(
  git: Git,
  { scope, leftovers }: StageRequest,
): Promise<string[]> {
  const untracked = records(
    (await git.run(scope, ["ls-files", "--others", "--exclude-standard", "-z"]))
      .stdout,
  );
  const isLeftover = (path: string) =>
    [...LEFTOVERS, ...leftovers].some((pattern) => pattern.test(path));
  const remove = untracked.filter(isLeftover);
  for (let at = 0; at < remove.length; at += 500) {
    // By git, which never follows a link out of the tree.
    await git.run(scope, ["clean", "-fq", "--", ...remove.slice(at, at + 500)]);
  }
  return untracked.filter((path) => !isLeftover(path));
}
