/**
 * Signs of life of a process. Output counts by itself; a caller that knows better (a parsed event, a hosted step that
 * answers elsewhere) calls `touch`.
 */
export class Activity {
  #lastAtMs = performance.now();

  touch(): void {
    this.#lastAtMs = performance.now();
  }

  /** Time since the last sign of life, on the monotonic clock. */
  get idleMs(): number {
    return performance.now() - this.#lastAtMs;
  }
}
