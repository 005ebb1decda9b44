import type { GitRepository } from "./git-repository.js";

/** One file of a comparison, in GitHub's words. */
export interface FileDiff {
  readonly filename: string;
  readonly previousFilename?: string;
  readonly status:
    "added" | "removed" | "modified" | "renamed" | "copied" | "changed";
  readonly blobSha: string;
  readonly additions: number;
  readonly deletions: number;
  /** Absent for binary files. */
  readonly patch?: string;
}

const STATUS: Record<string, FileDiff["status"]> = {
  A: "added",
  D: "removed",
  M: "modified",
  R: "renamed",
  C: "copied",
  T: "changed",
};

/** What differs between two trees or commits, renames found. */
export async function diffFiles(
  git: GitRepository,
  from: string,
  to: string,
): Promise<FileDiff[]> {
  const common = [
    "--find-renames",
    "--full-index",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    from,
    to,
    "--",
  ];
  const raw = (await git.bytes(["diff", "--raw", "-z", ...common])).toString(
    "utf8",
  );
  const numstat = (
    await git.bytes(["diff", "--numstat", "-z", ...common])
  ).toString("utf8");
  const patches = splitPatches(
    (await git.bytes(["diff", "--patch", ...common])).toString("utf8"),
  );
  const counts = parseNumstat(numstat);

  const files: FileDiff[] = [];
  const fields = raw.split("\0");
  for (let at = 0; at + 1 < fields.length;) {
    const [, , oldSha = "", newSha = "", letter = "M"] = (
      fields[at] ?? ""
    ).split(" ");
    const kind = letter.charAt(0);
    const isMove = kind === "R" || kind === "C";
    const first = fields[at + 1] ?? "";
    const filename = isMove ? (fields[at + 2] ?? "") : first;
    at += isMove ? 3 : 2;
    const patch = patches[files.length];
    const count = counts[files.length] ?? { additions: 0, deletions: 0 };
    files.push({
      filename,
      ...(isMove ? { previousFilename: first } : {}),
      status: STATUS[kind] ?? "changed",
      blobSha: kind === "D" ? oldSha : newSha,
      ...count,
      ...(patch === undefined || patch === "" ? {} : { patch }),
    });
  }
  return files;
}

function parseNumstat(
  text: string,
): { additions: number; deletions: number }[] {
  const counts: { additions: number; deletions: number }[] = [];
  const fields = text.split("\0");
  for (let at = 0; at < fields.length;) {
    const [added, deleted, path] = (fields[at] ?? "").split("\t");
    if (deleted === undefined) break;
    // A rename has an empty path here and its two names in the next fields.
    at += path === "" ? 3 : 1;
    counts.push({
      additions: Number(added) || 0,
      deletions: Number(deleted) || 0,
    });
  }
  return counts;
}

/** The hunks of each file, without the lines that name it. */
function splitPatches(text: string): string[] {
  return text
    .split(/^diff --git .*$/m)
    .slice(1)
    .map((file) => {
      const hunks = file.indexOf("\n@@ ");
      return hunks === -1 ? "" : file.slice(hunks + 1).trimEnd();
    });
}
