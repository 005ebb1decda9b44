import type { AttemptRef, HeartbeatAnswer } from "@pullwright/persistence";
import {
  Deadline,
  messageOf,
  sleep,
  withTimeout,
  type Logger,
} from "@pullwright/platform";
import { AttemptStopped } from "./attempt-end.js";

export interface LeaseTimes {
  readonly intervalMs: number;
  /** After this time without a confirmed heartbeat the attempt may be somebody else's. */
  readonly timeoutMs: number;
}

/** The agent must be gone before the lease can be anybody else's; killing a tree takes up to this long. */
const KILL_MARGIN_MS = 10_000;

/**
 * Confirms the attempt until `work` is over, and stops it when it is no longer ours.
 *
 * A heartbeat that fails is not yet a loss: Postgres may be away for a moment. Our own monotonic clock then decides,
 * counting from the start of the last heartbeat that was confirmed, so that a late answer never lengthens the lease.
 */
export async function keepLease(options: {
  readonly attempt: AttemptRef;
  readonly times: LeaseTimes;
  readonly beat: (
    attempt: AttemptRef,
    leaseMs: number,
  ) => Promise<HeartbeatAnswer>;
  readonly onBeat: (answer: Extract<HeartbeatAnswer, { kind: "held" }>) => void;
  readonly stop: AbortController;
  /** Aborted when the work is over. */
  readonly over: AbortSignal;
  readonly logger: Logger;
}): Promise<void> {
  const { attempt, times, stop, over, logger } = options;
  const heldMs = Math.max(
    times.intervalMs,
    times.timeoutMs - Math.min(KILL_MARGIN_MS, times.timeoutMs / 4),
  );
  let held = Deadline.after(heldMs);
  const ended = AbortSignal.any([over, stop.signal]);
  while (!ended.aborted) {
    await sleep(Math.min(times.intervalMs, held.remainingMs), ended);
    if (over.aborted) return;
    const confirmed = Deadline.after(heldMs);
    try {
      // An answer that does not come must not keep the agent alive past the lease.
      const answer = await withTimeout(
        options.beat(attempt, times.timeoutMs),
        Math.ceil(held.remainingMs) + 1,
        "a heartbeat",
      );
      if (answer.kind === "lost") {
        stop.abort(new AttemptStopped("lost"));
        return;
      }
      held = confirmed;
      options.onBeat(answer);
    } catch (error) {
      logger.warn(
        { attempt: attempt.attemptId, reason: messageOf(error) },
        "a heartbeat failed",
      );
    }
    if (held.passed) stop.abort(new AttemptStopped("lost"));
  }
}
