const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** How long things take and may take; specs make them shorter. */
export interface Timing {
  /** A delivery belongs to its handler this long. */
  readonly deliveryHoldMs: number;
  /** An effect belongs to its worker this long; a stopped worker's is then looked at by another. */
  readonly effectLeaseMs: number;
  /** A write is sent only while its effect is held for this long: the client's timeout, and some. */
  readonly writeMs: number;
  /**
   * A write without an answer may still arrive until then (R6). Counted from the claim: at the end of the lease the client
   * has given up, and 60 s come on top.
   */
  readonly uncertaintyMs: number;
  readonly retry: { readonly baseMs: number; readonly maxMs: number };
  readonly reconciler: {
    readonly tickMs: number;
    readonly leaseMs: number;
    /** No step of a tick may hold the others up for longer. */
    readonly stepTimeoutMs: number;
    readonly partitionsEveryMs: number;
    readonly comparisonEveryMs: number;
  };
}

export const defaultTiming: Timing = {
  deliveryHoldMs: 2 * MINUTE_MS,
  effectLeaseMs: 2 * MINUTE_MS,
  writeMs: 15 * SECOND_MS,
  uncertaintyMs: 3 * MINUTE_MS,
  retry: { baseMs: 2 * SECOND_MS, maxMs: 5 * MINUTE_MS },
  reconciler: {
    tickMs: SECOND_MS,
    leaseMs: 10 * SECOND_MS,
    stepTimeoutMs: 30 * SECOND_MS,
    partitionsEveryMs: 6 * 60 * MINUTE_MS,
    // A request a run: once a minute would take 2,400 of the 5,000 an hour for 40 runs. Polls find closings sooner.
    comparisonEveryMs: 10 * MINUTE_MS,
  },
};
