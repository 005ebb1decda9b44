/** Why an attempt was told to stop before its work was done. The first reason stays. */
export type StopReason =
  /** A person asked; the run ends as cancelled. */
  | "cancelled"
  /** The lease ran out or the fence moved on: nothing that is written now may count. */
  | "lost"
  /** The run's money is used up. */
  | "budget"
  /** This runner is being shut down; the phase goes back to the queue. */
  | "shutdown";

/** Carried by the attempt's abort signal. */
export class AttemptStopped extends Error {
  constructor(readonly reason: StopReason) {
    super(`the attempt was stopped: ${reason}`);
    this.name = "AttemptStopped";
  }
}

/** The reason behind an aborted signal; null while it is not aborted. */
export function stopReason(signal: AbortSignal): StopReason | null {
  if (!signal.aborted) return null;
  return signal.reason instanceof AttemptStopped
    ? signal.reason.reason
    : "shutdown";
}
