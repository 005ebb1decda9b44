import type { AttemptRef, HeartbeatAnswer } from "@pullwright/persistence";
import {
  messageOf,
  sleep,
  withTimeout,
  type Logger,
} from "@pullwright/platform";
import type { Lease } from "./lease.js";

/**
 * Confirms the attempt until the work is over, and gives its lease up when it is no longer ours.
 *
 * A heartbeat that fails is not yet a loss: Postgres may be away for a moment. Our own clock then decides.
 */
export async function keepLease(options: {
  readonly attempt: AttemptRef;
  readonly lease: Lease;
  readonly beat: (
    attempt: AttemptRef,
    leaseMs: number,
  ) => Promise<HeartbeatAnswer>;
  readonly onBeat: (answer: Extract<HeartbeatAnswer, { kind: "held" }>) => void;
  /** Aborted when the work is over. */
  readonly over: AbortSignal;
  readonly logger: Logger;
}): Promise<void> {
  const { attempt, lease, over, logger } = options;
  const { intervalMs, timeoutMs } = lease.times;
  let pauseMs = intervalMs;
  while (!lease.lost.aborted) {
    await sleep(Math.min(pauseMs, lease.remainingMs), over);
    if (over.aborted) return;
    const askedAt = performance.now();
    const heartbeat = lease.asking();
    try {
      // An answer that does not come must not keep the agent alive past the lease.
      const answer = await withTimeout(
        options.beat(attempt, timeoutMs),
        Math.ceil(lease.remainingMs) + 1,
        "a heartbeat",
      );
      if (answer.kind === "held") {
        heartbeat.confirm();
        options.onBeat(answer);
      } else lease.giveUp();
    } catch (error) {
      logger.warn(
        { attempt: attempt.attemptId, reason: messageOf(error) },
        "a heartbeat failed",
      );
    }
    if (!lease.isHeld) lease.giveUp();
    // From one asking to the next: where answers take long the lease is short of time as it is.
    pauseMs = Math.max(intervalMs - (performance.now() - askedAt), 0);
  }
}
