/** How waits between tries grow. */
export interface BackoffOptions {
  /** Upper bound of the first wait. */
  readonly baseMs: number;
  /** Upper bound of all waits. */
  readonly maxMs: number;
  /** For tests; like `Math.random`. */
  readonly random?: () => number;
}

/**
 * The wait before the try after the given number of failures (from 1): doubling, capped, half of it by chance.
 *
 * Chance keeps many processes that lost the same server from coming back in step.
 */
export function backoffMs(
  failures: number,
  { baseMs, maxMs, random = Math.random }: BackoffOptions,
): number {
  const bound = Math.min(maxMs, baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(bound / 2 + (bound / 2) * random());
}
