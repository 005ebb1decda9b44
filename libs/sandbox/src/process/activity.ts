/**
 * Signs of life of a process. Whoever passes one decides alone what counts and calls `touch` (a parsed event, a hosted
 * step that answers elsewhere); without one every byte of output counts.
 */
export class Activity {
  #aliveUntilMs = performance.now();
  #held = 0;
  #heldSinceMs = 0;

  /** A sign of life; one that announces quiet work counts for so much longer. */
  touch(quietMs = 0): void {
    this.#aliveUntilMs = performance.now() + quietMs;
  }

  /** Time since the last sign of life, on the monotonic clock; below zero in quiet work that was announced. */
  get idleMs(): number {
    const now = this.#held > 0 ? this.#heldSinceMs : performance.now();
    return now - this.#aliveUntilMs;
  }

  /** Stops the clock while we make the process wait, for then it cannot speak. */
  async hold<T>(waiting: Promise<T>): Promise<T> {
    if (this.#held === 0) this.#heldSinceMs = performance.now();
    this.#held += 1;
    try {
      return await waiting;
    } finally {
      this.#held -= 1;
      if (this.#held === 0) this.#goOn();
    }
  }

  #goOn(): void {
    const now = performance.now();
    const shifted = this.#aliveUntilMs + now - this.#heldSinceMs;
    this.#aliveUntilMs = Math.max(this.#aliveUntilMs, Math.min(shifted, now));
  }
}
