/** Whether a path matches a glob of ours: `*` within one folder, `**` over any number of folders; case counts not. */
export function matchesGlob(path: string, glob: string): boolean {
  return matchParts(
    path.toLowerCase().split("/"),
    glob.toLowerCase().split("/"),
  );
}

function matchParts(path: readonly string[], glob: readonly string[]): boolean {
  const [pattern, ...restOfGlob] = glob;
  if (pattern === undefined) return path.length === 0;
  if (pattern === "**") {
    if (restOfGlob.length === 0) return path.length > 0;
    return path.some((_part, index) =>
      matchParts(path.slice(index), restOfGlob),
    );
  }
  const [part, ...restOfPath] = path;
  return (
    part !== undefined &&
    matchPart(part, pattern) &&
    matchParts(restOfPath, restOfGlob)
  );
}

/** Greedy with one way back: linear in practice, never exponential. */
function matchPart(part: string, pattern: string): boolean {
  const pieces = pattern.split("*");
  const [first = "", ...others] = pieces;
  if (others.length === 0) return part === first;
  const last = others.pop() ?? "";
  if (
    part.length < first.length + last.length ||
    !part.startsWith(first) ||
    !part.endsWith(last)
  )
    return false;
  let at = first.length;
  const end = part.length - last.length;
  for (const piece of others) {
    const found = part.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
