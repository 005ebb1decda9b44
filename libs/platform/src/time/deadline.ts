/** A point in time by the monotonic clock: neither NTP nor a person who sets the clock moves it. */
export class Deadline {
  private constructor(private readonly at: number) {}

  static after(ms: number): Deadline {
    return new Deadline(performance.now() + ms);
  }

  /** Never negative. */
  get remainingMs(): number {
    return Math.max(0, this.at - performance.now());
  }

  get passed(): boolean {
    return this.remainingMs === 0;
  }
}
