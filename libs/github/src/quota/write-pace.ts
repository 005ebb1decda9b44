/** How fast writes may follow each other. */
export interface WritePace {
  /** Writes that need not wait, after a quiet time. */
  readonly burst: number;
  /** One more write per this time. */
  readonly refillMs: number;
  /** Longest wait for a turn; beyond it the write is refused with the moment to come back. */
  readonly maxWaitMs: number;
}

/**
 * GitHub asks for a second between many writes, that writes of one account go one after another, and for at most 80 that
 * make content in a minute: 20 at once and 60 that follow.
 */
export const defaultWritePace: WritePace = {
  burst: 20,
  refillMs: 1_000,
  maxWaitMs: 15_000,
};
