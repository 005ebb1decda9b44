/** Runs what leads to webhooks strictly one after the other. */
export class Emissions {
  #last: Promise<void> = Promise.resolve();
  #stopped = false;

  add(emission: () => Promise<void> | void): void {
    this.#last = this.#last.then(emission).catch((error: unknown) => {
      // Once stopped, the repositories may be gone from the disk, and nobody is listening.
      if (!this.#stopped)
        console.error("local GitHub: a webhook could not be made:", error);
    });
  }

  settled(): Promise<void> {
    return this.#last;
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return this.#last;
  }
}
