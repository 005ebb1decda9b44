import type { Row, Target } from "../bench.js";

/** `gross`: so far off that something must be broken, not merely slow. */
export type Verdict = "met" | "missed" | "gross" | "for information";

/** On a shared machine the same code was seen at twice and at half its ratio within an hour; a quarter is more than noise. */
const GROSS_RATIO = 4;
/** A time says as much of the machine's load as of us: the same code took 8 times as long beside seven other builds. */
const GROSS_TIME = 10;

export function verdictOf({ target, ratio, ours }: Row): Verdict {
  if (target === null) return "for information";
  const { shortfall, gross } = judge(target, ratio ?? Number.NaN, ours);
  if (shortfall <= 1) return "met";
  return shortfall <= gross ? "missed" : "gross";
}

/** The number that a target bounds. */
export const boundOf = (target: Target): number =>
  Object.values(target)[0] ?? Number.NaN;

/** How many times better it ought to be, 1 and less being good enough, and from where on that is gross. What is no number is. */
function judge(
  target: Target,
  ratio: number,
  ours: number,
): { readonly shortfall: number; readonly gross: number } {
  if ("ratioAtLeast" in target)
    return { shortfall: target.ratioAtLeast / ratio, gross: GROSS_RATIO };
  if ("ratioAtMost" in target)
    return { shortfall: ratio / target.ratioAtMost, gross: GROSS_RATIO };
  if ("valueAtMost" in target)
    return { shortfall: ours / target.valueAtMost, gross: GROSS_TIME };
  return { shortfall: ours / target.countAtMost, gross: 1 };
}
