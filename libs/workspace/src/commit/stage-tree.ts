import { lstat } from "node:fs/promises";
import { join } from "node:path";

import { type Git, type GitScope, records } from "../git/git.js";
import { GitError } from "../git/git-error.js";
import { fileTooLarge } from "../guard/guard-changes.js";
import type { GuardPolicy } from "../guard/guard-policy.js";
import { badPath } from "../guard/path-rules.js";
import type { Violation } from "../guard/violation.js";

/** A cut-off `Write` of Claude Code leaves `new.txt.tmp.<pid>.<hash>`. */
const LEFTOVERS: readonly RegExp[] = [/\.tmp\.\d+\.[0-9a-f]+$/];
const ADD_TIMEOUT_MS = 10 * 60_000;

export interface StageRequest {
  readonly scope: Required<GitScope>;
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
  const { scope, policy, restored } = request;
  const untracked = await removeLeftovers(git, request);
  const modified = records(
    (await git.run(scope, ["diff-files", "--name-only", "-z"])).stdout,
  );
  const paths = [...new Set([...untracked, ...modified])].filter(
    (path) => !restored.includes(path),
  );
  const violations = await preview(paths, scope.workTree, policy);
  if (violations.length > 0) return violations;
  const pathspecs = [
    ".",
    ...restored.map((path) => `:(exclude,literal,top)${path}`),
  ];
  try {
    await git.run(scope, ["add", "--all", "--", ...pathspecs], {
      timeoutMs: ADD_TIMEOUT_MS,
      env: { GIT_LITERAL_PATHSPECS: "0" },
    });
    return [];
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== "GIT_FAILED")
      throw error;
    // The agent can make files that nobody can read; that is its fault, not the machine's.
    return [
      {
        rule: "unreadable",
        path: null,
        message: `Not all files can be taken into the commit. ${error.message}`,
      },
    ];
  }
}

/** What git would refuse or choke on is found before anything of it is stored. */
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
  for (const path of paths) {
    // git lists a repository inside the tree as a folder, with a slash at its end.
    if (path.endsWith("/")) {
      violations.push({
        rule: "nested_repository",
        path,
        message: `${path} is a repository of its own.`,
      });
      continue;
    }
    const bad = badPath(path);
    if (bad) violations.push(bad);
    const stats = await lstat(join(tree, path)).catch(() => undefined);
    const large = stats?.isFile()
      ? fileTooLarge(path, stats.size, policy)
      : undefined;
    if (large) violations.push(large);
  }
  return violations;
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
