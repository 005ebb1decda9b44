import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { OwnedFolders } from "../checkout/owned-folders.js";
import { exists } from "../files/exists.js";
import { type Git, type GitScope, records } from "../git/git.js";
import { sha } from "../git/names.js";

const MAX_LISTING_BYTES = 64 * 1024 ** 2;
/** As a share of a commit's files; more of them missing make it worth the work to begin anew. */
const MAX_MISSING = 0.1;
const TIMEOUT_MS = 15 * 60_000;

export interface PlainLimits {
  /** A commit of more is left as it is: the second copy must not eat the disk. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

export interface PlainPackTools {
  readonly git: Git;
  readonly folders: OwnedFolders;
}

/**
 * Keeps a commit's files in the mirror a second time, as they are: neither compressed nor as differences to each other.
 * git takes them from its newest pack, and half of what a large checkout costs is unpacking: laying out 20,000 files of
 * 252 MB takes 0.8 s instead of 1.3 s. Later commits share most of its files; it is made anew once they no longer do.
 */
export async function keepPlain(
  { git, folders }: PlainPackTools,
  mirror: GitScope,
  commit: string,
  { maxBytes, signal }: PlainLimits,
): Promise<void> {
  const files = await filesOf(git, mirror, commit, maxBytes);
  if (files === null) return;
  const marker = join(mirror.gitDir, "plain-pack");
  const packs = join(mirror.gitDir, "objects/pack");
  const before = await readFile(marker, "utf8").catch(() => null);
  if (before !== null) {
    const kept = await idsIn(git, mirror, join(packs, `${before}.idx`));
    const missing = files.filter((id) => !kept.has(id)).length;
    if (missing <= files.length * MAX_MISSING) return;
  }
  const made = await makePack({ git, folders }, mirror, files, signal);
  try {
    const names = (await readdir(made.folder)).sort(indexLast);
    for (const name of names)
      await rename(join(made.folder, name), join(packs, name));
    await writeFile(marker, made.name);
  } finally {
    await folders.remove(made.objects);
  }
  if (before !== null && before !== made.name)
    for (const ending of ["idx", "rev", "pack"])
      await rm(join(packs, `${before}.${ending}`), { force: true });
}

/** The ids of all files at a commit; null where they are too many, or too much, to be kept twice. */
async function filesOf(
  git: Git,
  mirror: GitScope,
  commit: string,
  maxBytes: number,
): Promise<string[] | null> {
  const { stdout, endedBy } = await git.run(
    mirror,
    ["ls-tree", "-r", "-l", "-z", sha(commit)],
    { maxOutputBytes: MAX_LISTING_BYTES },
  );
  if (endedBy === "output_cap") return null;
  const ids = new Set<string>();
  let bytes = 0;
  for (const record of records(stdout)) {
    const [, type, id, size] = record.split("\t", 1)[0]?.split(/ +/) ?? [];
    if (type !== "blob" || id === undefined || ids.has(id)) continue;
    ids.add(id);
    bytes += Number(size);
  }
  return ids.size === 0 || bytes > maxBytes ? null : [...ids];
}

async function idsIn(
  git: Git,
  mirror: GitScope,
  index: string,
): Promise<ReadonlySet<string>> {
  if (!(await exists(index))) return new Set();
  const { stdout } = await git.run(mirror, ["show-index"], {
    stdin: await readFile(index),
    maxOutputBytes: MAX_LISTING_BYTES,
  });
  const lines = stdout.toString("latin1").split("\n");
  return new Set(lines.map((line) => line.split(" ")[1] ?? ""));
}

/** Beside the mirror's own objects: what is half-written there belongs to a fetch, and may be swept away. */
async function makePack(
  { git, folders }: PlainPackTools,
  mirror: GitScope,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<{ objects: string; folder: string; name: string }> {
  // Named as what is removed is: should we die, the next sweep finds it.
  const objects = join(mirror.gitDir, "..", `.gone-${randomUUID()}`);
  const folder = join(objects, "pack");
  const info = join(objects, "info");
  try {
    for (const one of [objects, folder, info]) await folders.make(one);
    const own = join(mirror.gitDir, "objects");
    await writeFile(join(info, "alternates"), `${own}\n`);
    await folders.own(join(info, "alternates"));
    const hash = await git.text(
      { ...mirror, objects },
      [
        "pack-objects",
        "--quiet",
        "--no-reuse-object",
        "--no-reuse-delta",
        "--window=0",
        join(folder, "pack"),
      ],
      {
        stdin: ids.map((id) => `${id}\n`).join(""),
        config: { "pack.compression": "0", "pack.packSizeLimit": "0" },
        timeoutMs: TIMEOUT_MS,
        signal,
      },
    );
    return { objects, folder, name: `pack-${sha(hash)}` };
  } catch (error) {
    await folders.remove(objects);
    throw error;
  }
}

/** git knows a pack by its index. */
const indexLast = (one: string, other: string): number =>
  Number(one.endsWith(".idx")) - Number(other.endsWith(".idx")) ||
  one.localeCompare(other);
