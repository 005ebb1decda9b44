import { writeFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { isDeepStrictEqual } from "node:util";

import { isIntruder, isJudgeFile, isRunBy } from "../commands/judge-files.js";
import {
  type PackageManifest,
  readManifest,
} from "../commands/node-commands.js";
import type { RepositoryCommand } from "../commands/repository-command.js";
import { type Change, parseChanges } from "../git/changes.js";
import { type Git, type GitScope, records } from "../git/git.js";
import { isFile, NOTHING } from "../git/modes.js";
import { sha as checkedSha } from "../git/names.js";
import { readBlobs } from "../git/objects.js";
import { declarePlanted, type FileOfBase } from "./planted-targets.js";

const MANIFEST = "package.json";

export interface JudgeQuery {
  /** The commit that the tree is laid out at. */
  readonly head: string;
  readonly base: string;
  readonly commands: readonly RepositoryCommand[];
}

/**
 * Makes the commands mean in this tree what they mean on base, so that an agent cannot rewrite its judge: the scripts of
 * every `package.json`, the make files and their like, the wrappers, and the scripts that the commands run are taken from
 * there, whoever named the commands. Returns the files in which the change wanted something else.
 */
export async function useJudge(
  git: Git,
  scope: Required<GitScope>,
  { head, base, commands }: JudgeQuery,
): Promise<string[]> {
  const changes = await changesBetween(git, scope, base, head);
  const manifests = changes.filter(isManifestOfBase);
  const whole = changes.filter(
    ({ path, oldMode }) =>
      oldMode !== NOTHING &&
      (isJudgeFile(path) || isRunBy(commands, path, oldMode)),
  );
  const added = changes.flatMap(({ path, oldMode }) =>
    oldMode === NOTHING ? path : [],
  );
  const onBase = added.length === 0 ? [] : await filesOf(git, scope, base);
  const judges = onBase.map(({ path }) => path).filter(isJudgeFile);
  const intruders = added.filter(
    (path) => isJudgeFile(path) && isIntruder(path, judges, commands),
  );
  const replaced = [...whole.map(({ path }) => path), ...intruders];
  const restored = [...replaced, ...manifests.map(({ path }) => path)];
  if (restored.length > 0)
    // A link in a file's place would lead our own writing elsewhere: git removes it, and puts the file of base there. What
    // base lacks is removed.
    await git.run(
      scope,
      [
        "restore",
        "--worktree",
        "--no-overlay",
        `--source=${checkedSha(base)}`,
        "--pathspec-from-file=-",
        "--pathspec-file-nul",
      ],
      { stdin: restored.join("\0") },
    );
  const trees = { head, base };
  const rewritten = await mergeManifests(git, scope, trees, manifests);
  const planted = await declarePlanted(git, scope, { base, onBase, added });
  return [...new Set([...replaced, ...rewritten, ...planted])].sort();
}

/** A package that is gone stays gone, but for the one at the top: npm would look for another further up. */
function isManifestOfBase({ path, oldMode, newMode }: Change): boolean {
  return (
    posix.basename(path) === MANIFEST &&
    oldMode !== NOTHING &&
    (newMode !== NOTHING || path === MANIFEST)
  );
}

async function changesBetween(
  git: Git,
  scope: GitScope,
  base: string,
  head: string,
): Promise<Change[]> {
  const flags = ["-r", "-z", "--raw", "--no-renames", "--abbrev=64"] as const;
  const trees = [checkedSha(base), checkedSha(head)];
  return parseChanges(
    (await git.run(scope, ["diff-tree", ...flags, ...trees])).stdout,
  );
}

async function filesOf(
  git: Git,
  scope: GitScope,
  sha: string,
): Promise<FileOfBase[]> {
  const { stdout } = await git.run(scope, [
    "ls-tree",
    "-r",
    "-z",
    "--format=%(objectmode) %(path)",
    checkedSha(sha),
  ]);
  return records(stdout).map((record) => {
    const space = record.indexOf(" ");
    return { mode: record.slice(0, space), path: record.slice(space + 1) };
  });
}

/** The dependencies that the code of head needs stay; only the scripts are base's. Returns where they differed. */
async function mergeManifests(
  git: Git,
  scope: Required<GitScope>,
  { head, base }: Pick<JudgeQuery, "head" | "base">,
  changes: readonly Change[],
): Promise<string[]> {
  const isMergeable = ({ path, oldMode, newMode }: Change) =>
    isFile(oldMode) && isFile(newMode) && !path.includes("\n");
  const names = changes
    .filter(isMergeable)
    .flatMap(({ path }) => [`${base}:${path}`, `${head}:${path}`]);
  const blobs = await readBlobs(git, scope, names);
  const texts = new Map(
    names.map((name, index) => [name, blobs[index]?.toString("utf8") ?? ""]),
  );
  const differing: string[] = [];
  for (const { path } of changes) {
    const atHead = texts.get(`${head}:${path}`) ?? "";
    const { scripts } = readManifest(texts.get(`${base}:${path}`) ?? "");
    const merged = withScripts(atHead, scripts);
    if (merged !== undefined)
      await writeFile(join(scope.workTree, path), merged);
    if (
      merged === undefined ||
      !isDeepStrictEqual(readManifest(atHead).scripts, scripts)
    )
      differing.push(path);
  }
  return differing;
}

function withScripts(
  manifest: string,
  scripts: PackageManifest["scripts"],
): string | undefined {
  try {
    const parsed = JSON.parse(manifest) as Record<string, unknown>; // npm takes nothing but an object.
    const merged =
      "scripts" in parsed || Object.keys(scripts).length > 0
        ? { ...parsed, scripts }
        : parsed;
    const indentation = /^[ \t]+/m.exec(manifest)?.[0] ?? 2;
    return `${JSON.stringify(merged, null, indentation)}\n`;
  } catch {
    return undefined;
  }
}
