/** Waits; returns early, without an error, once the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  // Node's own promise of a timer would make an error, with a stack, of every wait that ends early.
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake);
  });
}
