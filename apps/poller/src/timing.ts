const SECOND_MS = 1000;

/** How often things happen; tests turn it down. */
export interface PollerTiming {
  /** Between two polls of a feed. */
  readonly intervalMs: number;
  /** How long a holder that died keeps others from polling. */
  readonly leaseMs: number;
  /** Between two looks at what is due. */
  readonly tickMs: number;
}

/** The pace for this interval: the look is never more than a tenth of it late. */
export function timingFor(intervalMs: number): PollerTiming {
  return {
    intervalMs,
    leaseMs: 15 * SECOND_MS,
    tickMs: Math.min(SECOND_MS, Math.ceil(intervalMs / 10)),
  };
}
