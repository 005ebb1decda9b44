/** A Markdown table, padded as Prettier pads it, so that a page which holds it passes the format check. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = widths.map((width) => "-".repeat(width));
  return [head, rule, ...rows].map(line).join("\n");
}

const units = [
  [24 * 60 * 60 * 1000, "day"],
  [60 * 60 * 1000, "h"],
  [60 * 1000, "min"],
  [1000, "s"],
] as const;

/** A duration in the largest unit that leaves no rest, such as `7 days` or `90 s`. */
export function spokenDuration(ms: number): string {
  const [unitMs, name] =
    units.find(([candidate]) => ms >= candidate && ms % candidate === 0) ??
    ([1, "ms"] as const);
  const count = ms / unitMs;
  return `${count} ${name === "day" && count !== 1 ? "days" : name}`;
}
