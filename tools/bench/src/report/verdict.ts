import type { Row } from "../bench.js";

/** `gross`: so far off that something must be broken, not merely slow. */
export type Verdict = "met" | "missed" | "gross" | "for information";

/** On a shared machine the same code was seen at twice and at half its ratio within an hour; a quarter is more than noise. */
const GROSS = 4;

export function verdictOf({ target, ratio, ours }: Row): Verdict {
  if (target === null) return "for information";
  const shortfall = shortfallOf(target, ratio ?? Number.NaN, ours);
  if (shortfall <= 1) return "met";
  // A bound on a time says as much of the machine's load as of us, so it never fails the bench.
  return shortfall > GROSS && !("valueAtMost" in target) ? "gross" : "missed";
}

/** How many times better it ought to be; 1 and less is good enough, and what is no number is not. */
function shortfallOf(
  target: NonNullable<Row["target"]>,
  ratio: number,
  ours: number,
): number {
  const shortfall =
    "ratioAtLeast" in target
      ? target.ratioAtLeast / ratio
      : "ratioAtMost" in target
        ? ratio / target.ratioAtMost
        : ours / target.valueAtMost;
  return Number.isNaN(shortfall) ? Infinity : shortfall;
}
