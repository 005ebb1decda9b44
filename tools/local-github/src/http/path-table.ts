/** These parts of a path may hold slashes. */
const OPEN_ENDED = new Set(["ref", "path", "branch", "basehead"]);

interface Row<T> {
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly value: T;
}

/** Values by method and GitHub's path templates; the first that matches is found. */
export class PathTable<T> {
  readonly #rows: readonly Row<T>[];

  constructor(
    entries: readonly {
      readonly method: string;
      readonly path: string;
      readonly value: T;
    }[],
  ) {
    this.#rows = entries.map(({ method, path, value }) => ({
      method,
      value,
      ...compile(path),
    }));
  }

  find(
    method: string,
    path: string,
  ): { value: T; params: Readonly<Record<string, string>> } | undefined {
    for (const row of this.#rows) {
      if (row.method !== method) continue;
      const found = row.pattern.exec(path);
      if (found === null) continue;
      const params = row.names.map((name, index) => [
        name,
        decode(found[index + 1] ?? ""),
      ]);
      return {
        value: row.value,
        params: Object.fromEntries(params) as Record<string, string>,
      }; // pairs of texts
    }
    return undefined;
  }
}

function compile(path: string): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = path
    .split(/\{(\w+)\}/)
    .map((part, index) => {
      if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      names.push(part);
      if (/_(number|id)$/.test(part)) return "(\\d+)";
      return part === "path"
        ? "(.*)"
        : OPEN_ENDED.has(part)
          ? "(.+)"
          : "([^/]+)";
    })
    .join("")
    // The root folder's contents have no path.
    .replace(/\/\(\.\*\)$/, "(?:/(.*))?");
  return { pattern: new RegExp(`^${source}/?$`), names };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
