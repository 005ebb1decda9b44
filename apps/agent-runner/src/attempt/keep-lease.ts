import type { AttemptRef, HeartbeatAnswer } from "@pullwright/persistence";
import {
  messageOf,
  sleep,
  withTimeout,
  type Logger,
} from "@pullwright/platform";
import type { Lease } from "./lease.js";

export interface Keeping {
  readonly attempt: AttemptRef;
  readonly lease: Lease;
  readonly beat: (
    attempt: AttemptRef,
    leaseMs: number,
  ) => Promise<HeartbeatAnswer>;
  readonly onBeat: (answer: Extract<HeartbeatAnswer, { kind: "held" }>) => void;
  readonly logger: Logger;
}

/** Confirms the attempt until the work is over, and gives its lease up when it is no longer ours. */
export async function keepLease(
  keeping: Keeping,
  over: AbortSignal,
): Promise<void> {
  const { lease } = keeping;
  const { intervalMs } = lease.times;
  let pauseMs = intervalMs;
  while (!lease.lost.aborted) {
    await sleep(Math.min(pauseMs, lease.remainingMs), over);
    if (over.aborted) return;
    const askedAt = performance.now();
    await beatOnce(keeping);
    // From one asking to the next: where answers take long the lease is short of time as it is.
    pauseMs = Math.max(intervalMs - (performance.now() - askedAt), 0);
  }
}

/**
 * One heartbeat, at its time or because somebody wants to know at once.
 *
 * That it fails is not yet a loss: Postgres may be away for a moment. Our own clock then decides.
 */
export async function beatOnce(keeping: Keeping): Promise<void> {
  const { attempt, lease, logger } = keeping;
  const heartbeat = lease.asking();
  try {
    // An answer that does not come must not keep the agent alive past the lease.
    const answer = await withTimeout(
      keeping.beat(attempt, lease.times.timeoutMs),
      Math.ceil(lease.remainingMs) + 1,
      "a heartbeat",
    );
    if (answer.kind === "held") {
      heartbeat.confirm();
      keeping.onBeat(answer);
    } else lease.giveUp();
  } catch (error) {
    logger.warn(
      { attempt: attempt.attemptId, reason: messageOf(error) },
      "a heartbeat failed",
    );
  }
  if (!lease.isHeld) lease.giveUp();
}
