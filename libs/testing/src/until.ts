import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the condition holds; fails with its last state once the time is over. */
export async function until(
  condition: () => unknown,
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt)
      throw new Error(`Not within ${timeoutMs.toString()} ms: ${what}`);
    await sleep(10);
  }
}
