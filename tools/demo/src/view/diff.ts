import type { Paint } from "./paint.js";
import { oneLine } from "./plain-text.js";

/** A patch for people, coloured by line; files that `brief` accepts are only named. */
export function renderDiff(
  patch: string,
  paint: Paint,
  brief: (path: string) => boolean = () => false,
): string[] {
  return splitFiles(patch).flatMap((lines) => {
    const path = / b\/(.*)$/.exec(lines[0] ?? "")?.[1] ?? "";
    if (!brief(path)) return lines.map((line) => colourLine(line, paint));
    const added = lines.filter((line) => /^\+(?!\+\+ )/.test(line)).length;
    return [paint.green(`+ ${oneLine(path)} (${added} lines)`)];
  });
}

function splitFiles(patch: string): string[][] {
  const files: string[][] = [];
  for (const line of patch.trimEnd().split("\n")) {
    if (line.startsWith("diff --git ")) files.push([]);
    files.at(-1)?.push(line);
  }
  return files;
}

function colourLine(raw: string, paint: Paint): string {
  const line = oneLine(raw);
  if (/^(?:diff --git|index|---|\+\+\+|new file|deleted file) ?/.test(line))
    return paint.bold(line);
  if (line.startsWith("@@")) return paint.cyan(line);
  if (line.startsWith("+")) return paint.green(line);
  if (line.startsWith("-")) return paint.red(line);
  return line;
}
