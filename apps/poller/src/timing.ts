const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** How often things happen; tests turn it down. */
export interface PollerTiming {
  /** Between two polls of a feed. */
  readonly intervalMs: number;
  /** The same where webhooks tell all that polls find. */
  readonly rareMs: number;
  /** A webhook may take this long before it counts as lost. */
  readonly graceMs: number;
  /** How long a holder that died keeps others from polling. */
  readonly leaseMs: number;
  /** Between two looks at what is due. */
  readonly tickMs: number;
}

/** The pace for this interval: the look is never more than a tenth of it late. */
export function timingFor(intervalMs: number): PollerTiming {
  return {
    intervalMs,
    rareMs: Math.max(intervalMs, Math.min(5 * intervalMs, 10 * MINUTE_MS)),
    graceMs: 10 * SECOND_MS,
    leaseMs: 15 * SECOND_MS,
    tickMs: Math.min(SECOND_MS, Math.ceil(intervalMs / 10)),
  };
}
