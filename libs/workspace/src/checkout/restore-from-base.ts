import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { readManifest } from "../commands/node-commands.js";
import type { RepositoryCommand } from "../commands/repository-command.js";
import { type Git, type GitScope, records } from "../git/git.js";
import { sha as checkedSha } from "../git/names.js";
import { readText } from "../read/read-file.js";
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

/**
 * Makes the commands mean in this tree what they mean on base, so that an agent cannot rewrite its judge: the scripts of
 * `package.json` and the whole of a Makefile are taken from there.
 */
export async function useCommandsOf(
  git: Git,
  scope: Required<GitScope>,
  base: string,
  commands: readonly RepositoryCommand[],
): Promise<void> {
  for (const file of new Set(
    commands.flatMap(({ definedIn }) => definedIn ?? []),
  )) {
    const onBase = await readText(git, scope, base, file);
    if (onBase === null) continue;
    const path = join(scope.workTree, file);
    // A link in the file's place would lead our own write elsewhere: git removes it, and puts the file of base there.
    await git.run(scope, [
      "restore",
      "--worktree",
      `--source=${checkedSha(base)}`,
      "--",
      file,
    ]);
    if (file !== "package.json") continue;
    const atHead = await readText(git, scope, await headOf(scope), file);
    const merged = atHead === null ? undefined : withScripts(atHead, onBase);
    if (merged !== undefined) await writeFile(path, merged);
  }
}

/** The manifest of head, whose dependencies the code needs, with the scripts of base. */
function withScripts(manifest: string, base: string): string | undefined {
  try {
    const parsed = JSON.parse(manifest) as Record<string, unknown>; // npm takes nothing but an object.
    return `${JSON.stringify({ ...parsed, scripts: readManifest(base).scripts }, null, 2)}\n`;
  } catch {
    return undefined;
  }
}

async function headOf(scope: GitScope): Promise<string> {
  return (await readFile(join(scope.gitDir, "HEAD"), "utf8")).trim();
}
