import { type Git, type GitScope } from "./git.js";

const MAX_BATCH_BYTES = 64 * 1024 ** 2;

export interface GitObject {
  readonly sha: string;
  readonly type: string;
  readonly bytes: number;
}

/** Looks up many names at once; a name that means nothing is undefined. */
export async function lookUp(
  git: Git,
  scope: GitScope,
  names: readonly string[],
): Promise<(GitObject | undefined)[]> {
  if (names.length === 0) return [];
  const stdin = names.map((name) => `${name}\n`).join("");
  const text = await git.text(scope, ["cat-file", "--batch-check"], { stdin });
  return text.split("\n").map((line) => {
    const [sha, type, bytes] = line.split(" ");
    return sha === undefined || type === undefined || bytes === undefined
      ? undefined
      : { sha, type, bytes: Number(bytes) };
  });
}

/** The contents of blobs by id, in order; from the first one on that there is no more room for, none. */
export async function readBlobs(
  git: Git,
  scope: GitScope,
  shas: readonly string[],
): Promise<Buffer[]> {
  if (shas.length === 0) return [];
  const stdin = shas.map((sha) => `${sha}\n`).join("");
  const { stdout } = await git.run(scope, ["cat-file", "--batch"], {
    stdin,
    maxOutputBytes: MAX_BATCH_BYTES,
  });
  const blobs: Buffer[] = [];
  for (let at = 0; at < stdout.length;) {
    const headerEnd = stdout.indexOf("\n", at);
    const bytes = Number(
      stdout.toString("latin1", at, headerEnd).split(" ")[2],
    );
    const end = headerEnd + 1 + bytes;
    if (headerEnd === -1 || Number.isNaN(bytes) || end > stdout.length) break;
    blobs.push(stdout.subarray(headerEnd + 1, end));
    at = end + 1;
  }
  return blobs;
}
