import type { Row, Target } from "../bench.js";
import { boundOf, verdictOf } from "./verdict.js";

const MOST_DIGITS = 6;

/** The columns of the report. */
const columns = [
  "what",
  "measured against",
  "its value",
  "ours",
  "ratio",
  "target",
  "verdict",
] as const;

/** A row as texts, in the order of the columns. */
function cells(row: Row): string[] {
  const { what, against, ours, unit, ratio, target } = row;
  const bound = target === null ? Number.NaN : boundOf(target);
  return [
    what,
    against?.name ?? "–",
    against === null ? "–" : amount(against.value, unit),
    amount(ours, unit, bound),
    ratio === null
      ? "–"
      : ratio.toFixed(digitsOf(ratio, ratio < 0.1 ? 3 : 2, bound)),
    target === null ? "–" : targetText(target, unit),
    verdictOf(row),
  ];
}

/** Aligned columns for a terminal. */
export function plainTable(rows: readonly Row[]): string {
  return aligned(rows)
    .map((line) => line.join("  ").trimEnd())
    .join("\n");
}

/** Aligned as Prettier does it, so that the written page passes the format check. */
export function markdownTable(rows: readonly Row[]): string {
  const [head = [], ...body] = aligned(rows);
  const rule = head.map((cell) => "-".repeat(cell.length));
  return [head, rule, ...body]
    .map((line) => `| ${line.join(" | ")} |`)
    .join("\n");
}

/** Head and rows as texts, every column as wide as its widest text. */
function aligned(rows: readonly Row[]): string[][] {
  const lines = [[...columns], ...rows.map(cells)];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => line[index]?.length ?? 0)),
  );
  return lines.map((line) =>
    line.map((cell, index) => cell.padEnd(widths[index] ?? 0)),
  );
}

function targetText(target: Target, unit: string): string {
  if ("ratioAtLeast" in target) return `≥ ${target.ratioAtLeast.toString()}`;
  if ("ratioAtMost" in target) return `≤ ${target.ratioAtMost.toString()}`;
  return `≤ ${boundOf(target).toString()} ${unit}`;
}

/** As many as tell the number from its bound: what misses it by a little must not look as if it met it. */
function digitsOf(value: number, least: number, bound: number): number {
  const looksMet = Number(value.toFixed(least)) === bound;
  return looksMet && value !== bound && least < MOST_DIGITS
    ? digitsOf(value, least + 1, bound)
    : least;
}

function amount(value: number, unit: string, bound = Number.NaN): string {
  const digits = digitsOf(value, value < 10 ? 2 : value < 100 ? 1 : 0, bound);
  const text = value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${text} ${unit}`;
}
