import { sleep } from "@pullwright/platform";
import { ApiRefusal, ApiUnreachable } from "./api-error.js";

/** A restart of the API takes less. */
export const PATIENCE_MS = 60_000;
const RETRY_MS = 1_000;

/** Bears with an API that is away, up to a limit from the moment when it was lost. */
export class Patience {
  #lostAt: number | undefined;

  constructor(private readonly limitMs: number) {}

  /** The API is there: what comes next begins anew. */
  found(): void {
    this.#lostAt = undefined;
  }

  /** Waits a moment before the next try; throws the error where no further one is worth it. */
  async bear(error: unknown): Promise<void> {
    if (!isPassing(error)) throw error;
    this.#lostAt ??= Date.now();
    if (Date.now() - this.#lostAt > this.limitMs) throw error;
    await sleep(RETRY_MS);
  }
}

/** Asks until there is an answer or the patience is over. Only for what may be asked twice. */
export async function patiently<T>(
  limitMs: number,
  ask: () => Promise<T>,
): Promise<T> {
  const patience = new Patience(limitMs);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      await patience.bear(error);
    }
  }
}

/** Whether the API may be back in a moment. */
function isPassing(error: unknown): boolean {
  if (error instanceof ApiRefusal)
    return error.status === 429 || error.status >= 500;
  return (
    error instanceof ApiUnreachable ||
    (error instanceof TypeError && error.name !== "AbortError")
  );
}
