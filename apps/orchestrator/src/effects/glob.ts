/** Whether a path matches a glob of ours: `*` within one folder, `**` over any number of folders; case counts not. */
export function matchesGlob(path: string, glob: string): boolean {
  return matchParts(
    path.toLowerCase().split("/"),
    // `a/**` is what lies below `a`, not `a` itself.
    glob.toLowerCase().replace(/\*\*$/, "**/*").split("/"),
  );
}

/** Every pattern against every folder once, from the end: no glob makes this slow. */
function matchParts(path: readonly string[], glob: readonly string[]): boolean {
  // matches[at]: whether the patterns looked at so far match the path from `at` on.
  let matches = path.map(() => false).concat(true);
  for (const pattern of [...glob].reverse()) {
    const next = matches.map(() => false);
    for (let at = path.length; at >= 0; at -= 1) {
      const part = path[at];
      next[at] =
        pattern === "**"
          ? matches[at] === true || next[at + 1] === true
          : part !== undefined &&
            matchPart(part, pattern) &&
            matches[at + 1] === true;
    }
    matches = next;
  }
  return matches[0] === true;
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
