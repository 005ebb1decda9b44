import { appendFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { isMakeFile } from "../commands/judge-files.js";
import { makeTargets } from "../commands/make-targets.js";
import type { Git, GitScope } from "../git/git.js";
import { isFile } from "../git/modes.js";
import { lookUp, readBlobs } from "../git/objects.js";

/** Of all make files together, which are read at once. */
const MAX_BYTES = 32 * 1024 ** 2;

export interface FileOfBase {
  readonly path: string;
  readonly mode: string;
}

export interface PlantedQuery {
  readonly base: string;
  readonly onBase: readonly FileOfBase[];
  /** Paths that only the change has. */
  readonly added: readonly string[];
}

/**
 * make takes a target for done when a file of its name is there: one that the change brings would be the end of the tests. Where
 * base has none, the target is declared phony, in this tree alone, and its recipe runs. Returns what stands in its place.
 */
export async function declarePlanted(
  git: Git,
  scope: Required<GitScope>,
  { base, onBase, added }: PlantedQuery,
): Promise<string[]> {
  const before = withFolders(onBase.map(({ path }) => path));
  const fresh = [...withFolders(added)].filter((place) => !before.has(place));
  const makeFiles = onBase
    .filter(({ path, mode }) => isMakeFile(path) && isFile(mode))
    .map(({ path }) => path)
    .filter((path) => !path.includes("\n"));
  if (fresh.length === 0 || makeFiles.length === 0) return [];
  const names = makeFiles.map((path) => `${base}:${path}`);
  const targets = await targetsIn(git, scope, names);
  const planted: string[] = [];
  for (const path of makeFiles) {
    const folder = posix.join("/", posix.dirname(path));
    const targetAt = (place: string) =>
      targets.get(posix.relative(folder, posix.join("/", place))) ?? [];
    const places = fresh.filter((place) => targetAt(place).length > 0);
    if (places.length === 0) continue;
    const rule = `\n.PHONY: ${places.flatMap(targetAt).join(" ")}\n`;
    await appendFile(join(scope.workTree, path), rule);
    planted.push(...places);
  }
  return planted;
}

/** The targets of all make files as they are written, by place: one file may include another, from wherever it lies. */
async function targetsIn(
  git: Git,
  scope: GitScope,
  names: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const sizes = await lookUp(git, scope, names);
  let bytes = 0;
  const readable = names.filter(
    (_, index) => (bytes += sizes[index]?.bytes ?? 0) <= MAX_BYTES,
  );
  const targets = new Map<string, string[]>();
  for (const text of await readBlobs(git, scope, readable))
    for (const target of makeTargets(text.toString("utf8"))) {
      const place = posix.normalize(target);
      const known = targets.get(place) ?? [];
      if (!known.includes(target)) targets.set(place, [...known, target]);
    }
  return targets;
}

/** The paths, and the folders that lead to them. */
function withFolders(paths: readonly string[]): ReadonlySet<string> {
  const all = new Set<string>();
  for (const path of paths)
    for (
      let place = path;
      place !== "." && !all.has(place);
      place = posix.dirname(place)
    )
      all.add(place);
  return all;
}
