/** Whether one of the globs matches the path. `*` stays within a folder, `**` crosses them; case does not count. */
export function matchesAny(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => expressionFor(pattern).test(path));
}

const cache = new Map<string, RegExp>();

function expressionFor(pattern: string): RegExp {
  const known = cache.get(pattern);
  if (known) return known;
  const source = pattern
    .split("/")
    .map((part, index, parts) => {
      const last = index === parts.length - 1;
      // Each form consumes its own slash, so that no two of them compete for the same text.
      if (part === "**") return last ? ".*" : "(?:[^/]+/)*";
      return (
        part
          .replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&")
          .replaceAll(/\*+/g, "[^/]*") + (last ? "" : "/")
      );
    })
    .join("");
  const expression = new RegExp(`^${source}$`, "isu");
  cache.set(pattern, expression);
  return expression;
}
