import type { Git, GitScope } from "../git/git.js";
import { isFile } from "../git/modes.js";
import { sha as checkedSha } from "../git/names.js";
import { lookUp, readBlobs } from "../git/objects.js";

const MAX_BYTES = 8 * 1024 ** 2;

/** A file as of a commit; null when it is not there, no plain file, or larger than 8 MiB. Symbolic links are not followed. */
export async function readFileAt(
  git: Git,
  scope: GitScope,
  sha: string,
  path: string,
): Promise<Buffer | null> {
  if (/[\n\0]/.test(path)) return null;
  const args = ["ls-tree", "-z", checkedSha(sha), "--", path] as const;
  const entry = (await git.run(scope, args)).stdout.toString("utf8");
  const [mode, , blob] = (entry.split("\t")[0] ?? "").split(" ");
  if (blob === undefined || !isFile(mode)) return null;
  const [object] = await lookUp(git, scope, [blob]);
  if (!object || object.bytes > MAX_BYTES) return null;
  const [content] = await readBlobs(git, scope, [blob]);
  return content ?? null;
}

export async function readText(
  git: Git,
  scope: GitScope,
  sha: string,
  path: string,
): Promise<string | null> {
  return (await readFileAt(git, scope, sha, path))?.toString("utf8") ?? null;
}
