import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the condition holds; fails with its last state once the time is over. */
export async function until(
  condition: () => unknown,
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  const startedMs = performance.now();
  while (!(await condition())) {
    const waitedMs = performance.now() - startedMs;
    if (waitedMs > timeoutMs)
      throw new Error(`Not within ${timeoutMs.toString()} ms: ${what}`);
    // A look often costs a request, and what takes long need not be seen at once.
    await sleep(Math.min(Math.max(waitedMs / 20, 10), 30));
  }
}
