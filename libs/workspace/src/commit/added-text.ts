import { setImmediate } from "node:timers/promises";

/** What is read of a patch before others have their turn; 10 ms where all lines are empty. */
const PIECE_BYTES = 256 * 1024;
const MINUS = "-".charCodeAt(0);

/** The added lines of a patch, file by file. */
export async function* addedText(
  patch: Buffer,
): AsyncGenerator<readonly [path: string, text: string]> {
  let path: string | undefined;
  let texts: string[] = [];
  let inHeader = false;
  for (let at = 0, end = 0; at < patch.length; at = end) {
    end = endOfPiece(patch, at);
    // A line of its own, and a removed one may be as long as any file of base.
    if (end - at > PIECE_BYTES && patch[at] === MINUS) continue;
    let lines: string[] = [];
    for (const line of patch.toString("utf8", at, end).split("\n")) {
      if (line.startsWith("diff --git ")) inHeader = true;
      else if (inHeader && line.startsWith("+++ ")) {
        if (path !== undefined) yield [path, [...texts, ...lines].join("\n")];
        path = line.replace(/^\+\+\+ (?:b\/)?/, "").replace(/\t$/, "");
        texts = [];
        lines = [];
      } else if (line.startsWith("@@ ")) inHeader = false;
      else if (!inHeader && line.startsWith("+")) lines.push(line.slice(1));
    }
    if (lines.length > 0) texts.push(lines.join("\n"));
    await setImmediate();
  }
  if (path !== undefined) yield [path, texts.join("\n")];
}

/** As many whole lines as there is room for, or a longer one alone. */
function endOfPiece(patch: Buffer, at: number): number {
  const within = patch.lastIndexOf("\n", at + PIECE_BYTES - 1) + 1;
  if (within > at) return within;
  const newline = patch.indexOf("\n", at);
  return newline === -1 ? patch.length : newline + 1;
}
