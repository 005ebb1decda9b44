import { cut } from "./terminal.js";

const GAP = "  ";
const MIN_LAST_WIDTH = 20;

/** Rows in columns as wide as they need; the last one takes what is left of the line. */
export function table(
  rows: readonly (readonly string[])[],
  columns: number,
): string[] {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, index) =>
    Math.max(...rows.map((row) => row[index]?.length ?? 0)),
  );
  const fixed = widths
    .slice(0, -1)
    .reduce((sum, width) => sum + width + GAP.length, 0);
  const last = Math.max(MIN_LAST_WIDTH, columns - fixed);
  return rows.map((row) =>
    row
      .map((cell, index) =>
        index === count - 1 ? cut(cell, last) : cell.padEnd(widths[index] ?? 0),
      )
      .join(GAP)
      .trimEnd(),
  );
}
