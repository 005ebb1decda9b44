import type { Row, Target } from "../bench.js";
import { verdictOf } from "./verdict.js";

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
  return [
    what,
    against?.name ?? "–",
    against === null ? "–" : amount(against.value, unit),
    amount(ours, unit),
    ratio === null ? "–" : ratio.toFixed(ratio < 0.1 ? 3 : 2),
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
  return `≤ ${target.valueAtMost.toString()} ${unit}`;
}

function amount(value: number, unit: string): string {
  const digits = value < 10 ? 2 : value < 100 ? 1 : 0;
  const text = value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return `${text} ${unit}`;
}
