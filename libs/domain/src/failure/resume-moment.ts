import {
  failureTable,
  JUST_PASSED_MS,
  LONGEST_NAMED_WAIT_MS,
  RESUME_SOON_MS,
} from "./failure-table.js";

/**
 * When a refused provider is to be asked again. Its own moment counts when it parses and is no farther than such limits
 * last; one that has just passed means soon, and anything else is taken for none.
 */
export function resumeMoment(
  named: string | undefined,
  now: Date,
  fallbackMs: number = failureTable.quota.resumeAfterMs,
): Date {
  const aheadMs = named === undefined ? NaN : Date.parse(named) - now.getTime();
  const believed =
    aheadMs > -JUST_PASSED_MS && aheadMs <= LONGEST_NAMED_WAIT_MS;
  const waitMs = believed ? Math.max(aheadMs, RESUME_SOON_MS) : fallbackMs;
  return new Date(now.getTime() + waitMs);
}
