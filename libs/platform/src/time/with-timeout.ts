import { AppError } from "../error/app-error.js";

/** Something took longer than it may. */
export class TimeoutError extends AppError {
  constructor(what: string, timeoutMs: number) {
    super("timeout", `${what} took longer than ${timeoutMs.toString()} ms`, {
      level: "warn",
    });
  }
}

/**
 * Settles as the promise does, or rejects with {@link TimeoutError} when that takes too long.
 *
 * The work itself goes on, unheard: use it where the other side offers no cancellation.
 */
export async function withTimeout<T>(
  work: Promise<T>,
  timeoutMs: number,
  what: string,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new TimeoutError(what, timeoutMs)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
