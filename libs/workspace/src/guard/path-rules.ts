import type { Violation } from "./violation.js";

/** Code points that HFS+ ignores in names: `.g<U+200C>it` is `.git` on a Mac. */
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;
const CONTROL = /[\0-\x1f\x7f\u0085\u2028\u2029]/u;
const MAX_PATH_LENGTH = 1_024;

/** What is wrong with a path, wherever the repository is checked out later. */
export function badPath(path: string): Violation | undefined {
  const shown = JSON.stringify(path);
  const problem = problemWith(path);
  return problem === undefined
    ? undefined
    : { rule: "bad_path", path, message: `${shown} ${problem}.` };
}

function problemWith(path: string): string | undefined {
  if (path.length > MAX_PATH_LENGTH) return "is too long";
  if (CONTROL.test(path)) return "holds a control character";
  if (path.includes("\u{FFFD}")) return "is no UTF-8";
  if (path.includes("\\"))
    return "holds a backslash, which is a separator on Windows";
  const parts = path.split("/");
  if (parts.some((part) => part === "" || part === "." || part === ".."))
    return "is no plain relative path";
  if (parts.some(looksLikeGit)) return "looks like git's own folder";
  return undefined;
}

/** `.git` in all the spellings that macOS and Windows take for it. */
export function looksLikeGit(part: string): boolean {
  const plain = part
    .normalize("NFKC")
    .replaceAll(IGNORED_BY_HFS, "")
    .toLowerCase();
  // Windows drops trailing dots and spaces, and reads what follows a colon as a stream of the same file.
  const onWindows = (plain.split(":")[0] ?? "").replace(/[. ]+$/u, "");
  return onWindows === ".git" || /^git~\d+$/.test(onWindows);
}

/** Added paths that differ from another only in case or in how their letters are composed. */
export function caseCollisions(
  added: readonly string[],
  all: readonly string[],
): Violation[] {
  const byFolded = new Map<string, string[]>();
  for (const path of all) {
    const folded = fold(path);
    byFolded.set(folded, [...(byFolded.get(folded) ?? []), path]);
  }
  return added.flatMap((path) => {
    const other = byFolded.get(fold(path))?.find((one) => one !== path);
    if (other === undefined) return [];
    return [
      {
        rule: "case_collision",
        path,
        message: `${path} and ${other} are one file on macOS and Windows.`,
      } as const,
    ];
  });
}

function fold(path: string): string {
  return path.normalize("NFC").toLowerCase();
}

/**
 * Whether a symbolic link leads out of the repository. `..` counts only at the start of the target: behind another name
 * it goes up from wherever that name leads, and that may be a link as well.
 */
export function escapingSymlink(
  path: string,
  target: string,
): Violation | undefined {
  const parts = target.split("/");
  const up = parts.findIndex((part) => part !== ".." && part !== ".");
  const leading = parts
    .slice(0, up === -1 ? parts.length : up)
    .filter((part) => part === "..").length;
  const later = up !== -1 && parts.slice(up).includes("..");
  const depth = path.split("/").length - 1;
  const intoGit = parts.some(looksLikeGit);
  if (
    !target.startsWith("/") &&
    !target.includes("\\") &&
    !/^[A-Za-z]:/.test(target) &&
    !later &&
    leading <= depth &&
    !intoGit
  ) {
    return undefined;
  }
  return {
    rule: "escaping_symlink",
    path,
    message: `${path} is a link that leads out of the repository.`,
  };
}
