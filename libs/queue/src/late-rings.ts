/** More than a short outage misses; what is beyond it the reconciler rings. */
const MOST = 5_000;

/** Rings that the server did not take, kept in memory and made again once it works. Who dies with them leaves them to the reconciler. */
export class LateRings {
  readonly #missed = new Map<string, () => Promise<boolean>>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(private readonly everyMs: number) {}

  /** Keeps a ring under its name; `again` tells whether it was taken. */
  add(name: string, again: () => Promise<boolean>): void {
    if (this.#closed || this.#missed.size >= MOST) return;
    this.#missed.set(name, again);
    this.#schedule();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#missed.clear();
  }

  #schedule(): void {
    if (this.#closed || this.#missed.size === 0) return;
    this.#timer ??= setTimeout(() => {
      void this.#makeUp().finally(() => {
        this.#timer = undefined;
        this.#schedule();
      });
    }, this.everyMs).unref();
  }

  /** One after the other, so that a server that just came back is not flooded; the first that fails ends the attempt. */
  async #makeUp(): Promise<void> {
    for (const [name, again] of this.#missed) {
      if (this.#closed || !(await again())) return;
      this.#missed.delete(name);
    }
  }
}
