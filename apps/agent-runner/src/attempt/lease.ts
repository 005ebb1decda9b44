import { Deadline } from "@pullwright/platform";

export interface LeaseTimes {
  readonly intervalMs: number;
  /** After this time without a confirmed heartbeat the attempt may be somebody else's. */
  readonly timeoutMs: number;
}

/** The agent must be gone before the lease can be anybody else's; killing a tree takes up to this long. */
const KILL_MARGIN_MS = 10_000;

/** For how long an attempt is surely ours, by this process's own monotonic clock. */
export class Lease {
  readonly #heldMs: number;
  readonly #lost = new AbortController();
  #held: Deadline;

  constructor(readonly times: LeaseTimes) {
    const { intervalMs, timeoutMs } = times;
    const marginMs = Math.min(KILL_MARGIN_MS, timeoutMs / 4);
    this.#heldMs = Math.max(intervalMs, timeoutMs - marginMs);
    this.#held = Deadline.after(this.#heldMs);
  }

  /** Aborted as soon as the loss is known. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** Says no in time, also in a process that stood still and has not come to know of its loss yet. */
  get isHeld(): boolean {
    return !this.#lost.signal.aborted && !this.#held.passed;
  }

  get remainingMs(): number {
    return this.#held.remainingMs;
  }

  /** Begins a heartbeat; what confirms it counts from its begin, so that a late answer never lengthens the lease. */
  asking(): { readonly confirm: () => void } {
    const confirmed = Deadline.after(this.#heldMs);
    return {
      confirm: () => {
        this.#held = confirmed;
      },
    };
  }

  giveUp(): void {
    this.#lost.abort();
  }
}
