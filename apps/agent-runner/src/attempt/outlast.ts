import { DatabaseUnavailable } from "@pullwright/persistence";
import { Deadline, sleep } from "@pullwright/platform";
import type { Lease } from "./lease.js";

const RETRY_MS = 500;

/** What says for how long an attempt may wait. */
export interface Waiting {
  readonly lease: Pick<Lease, "times">;
  readonly stop: Pick<AbortController, "signal">;
}

/**
 * Asks Postgres until it answers: what an agent has done is worth more than a wait, and an outage that is longer than the
 * lease ends the attempt anyway. What is asked may have been done by a try whose answer was lost, so a second one must do
 * no harm.
 * @throws DatabaseUnavailable once the attempt is told to stop, or after as long as its lease lasts
 */
export async function outlast<Answer>(
  { lease, stop }: Waiting,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const deadline = Deadline.after(lease.times.timeoutMs);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof DatabaseUnavailable;
      if (!isAway || stop.signal.aborted || deadline.passed) throw error;
      await sleep(RETRY_MS, stop.signal);
    }
  }
}
