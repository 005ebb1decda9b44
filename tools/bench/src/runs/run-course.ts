/** Plays runs of four phases, and knows when each is over. */
export interface RunCourse {
  /** Makes runs that wait for their first ring; not measured. */
  prepare(count: number): Promise<readonly string[]>;
  /** Rings for a prepared run's first phase and waits until the run is completed. */
  play(run: string): Promise<void>;
  close(): Promise<void>;
}

/** Plays one after the other; milliseconds each. */
export async function playOneByOne(
  course: RunCourse,
  count: number,
): Promise<number[]> {
  const tookMs: number[] = [];
  for (const run of await course.prepare(count)) {
    const startedAt = performance.now();
    await course.play(run);
    tookMs.push(performance.now() - startedAt);
  }
  return tookMs;
}

/** Keeps so many in flight; runs per second. */
export async function playTogether(
  course: RunCourse,
  count: number,
  inFlight: number,
): Promise<number> {
  const waiting = [...(await course.prepare(count))];
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (let run = waiting.pop(); run !== undefined; run = waiting.pop())
        await course.play(run);
    }),
  );
  return count / ((performance.now() - startedAt) / 1000);
}

/** Tells the waiting player of a run's end. */
export class Finish {
  readonly #waiting = new Map<string, () => void>();

  of(run: string): Promise<void> {
    return new Promise((resolve) => this.#waiting.set(run, resolve));
  }

  reached(run: string): void {
    this.#waiting.get(run)?.();
    this.#waiting.delete(run);
  }
}

/** The same for the reference and for ours. */
export const CONCURRENCY = 50;
export const POOL_SIZE = 10;
