import type { Route } from "./exchange.js";

/** These parts of a path may hold slashes. */
const OPEN_ENDED = new Set(["ref", "path", "branch", "basehead"]);

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route for a method and a path below the API's root. */
export class Router {
  readonly #rows: readonly {
    readonly route: Route;
    readonly pattern: RegExp;
    readonly names: readonly string[];
  }[];

  constructor(routes: readonly Route[]) {
    this.#rows = routes.map((route) => ({ route, ...compile(route.path) }));
  }

  match(method: string, path: string): Match | undefined {
    for (const { route, pattern, names } of this.#rows) {
      if (route.method !== method) continue;
      const found = pattern.exec(path);
      if (found === null) continue;
      const params = Object.fromEntries(
        names.map((name, index) => [name, decode(found[index + 1] ?? "")]),
      );
      return { route, params };
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
      // The root folder's contents have no path.
      return part === "path"
        ? "(.*)"
        : OPEN_ENDED.has(part)
          ? "(.+)"
          : "([^/]+)";
    })
    .join("")
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
