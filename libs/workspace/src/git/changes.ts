import { records } from "./git.js";

export type ChangeStatus =
  "added" | "modified" | "deleted" | "type_changed" | "unmerged";

/** One changed path between two trees. */
export interface Change {
  readonly path: string;
  readonly status: ChangeStatus;
  readonly oldMode: string;
  readonly newMode: string;
  readonly newSha: string;
  /** Null for a binary file. */
  readonly additions: number | null;
  readonly deletions: number | null;
}

const STATUS: Readonly<Record<string, ChangeStatus>> = {
  A: "added",
  M: "modified",
  D: "deleted",
  T: "type_changed",
  U: "unmerged",
};

/** Parses what `--raw --numstat -z --no-renames` prints: first all raw records, then all counts. */
export function parseChanges(output: Buffer): Change[] {
  const parts = records(output);
  const counts = new Map<string, readonly [number | null, number | null]>();
  const raw: [header: string, path: string][] = [];
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at] ?? "";
    if (part.startsWith(":")) {
      raw.push([part, parts[at + 1] ?? ""]);
      at += 1;
    } else {
      const [additions = "-", deletions = "-", ...path] = part.split("\t");
      counts.set(path.join("\t"), [count(additions), count(deletions)]);
    }
  }
  return raw.map(([header, path]) => {
    const [oldMode = "", newMode = "", , newSha = "", status = ""] = header
      .slice(1)
      .split(" ");
    const [additions, deletions] = counts.get(path) ?? [null, null];
    return {
      path,
      status: STATUS[status.charAt(0)] ?? "modified",
      oldMode,
      newMode,
      newSha,
      additions,
      deletions,
    };
  });
}

function count(text: string): number | null {
  return text === "-" ? null : Number(text);
}
