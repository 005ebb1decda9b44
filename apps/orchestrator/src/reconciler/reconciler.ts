import type { Stores } from "@pullwright/persistence";
import {
  Deadline,
  messageOf,
  sleep,
  withTimeout,
  type Logger,
  type Metrics,
} from "@pullwright/platform";
import type { Timing } from "../timing.js";

/** One thing that the reconciler looks after. Steps know nothing of each other: one that fails or hangs stops no other. */
export interface ReconcilerStep {
  readonly name: string;
  readonly everyMs: number;
  /** The signal aborts when the step's time is over or the process ends. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface ReconcilerParts {
  readonly leases: Stores["leases"];
  readonly owner: string;
  readonly steps: readonly ReconcilerStep[];
  readonly timing: Timing["reconciler"];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const LEASE = "reconciler";

/**
 * Finds what nobody rang or heard and what ran out (R8). One process at a time does it, by a lease that expires: a holder
 * that was stopped is taken over, and everything it may still do afterwards is safe to do twice.
 */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  readonly #ending = new AbortController();
  readonly #runs;
  #held = Deadline.after(0);
  #loops: Promise<unknown> = Promise.resolve();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
    this.#runs = parts.metrics.counter({
      name: "reconciler_steps_total",
      help: "Steps of the reconciler and how they ended.",
      labels: ["step", "outcome"],
    });
  }

  /** Whether this process holds the lease, as far as it can know. */
  get isHolder(): boolean {
    return !this.#held.passed;
  }

  start(): void {
    const { steps } = this.#parts;
    this.#loops = Promise.all([
      this.#holdLease(),
      ...steps.map((step) => this.#repeat(step)),
    ]);
  }

  async stop(): Promise<void> {
    this.#ending.abort(new Error("The process ends."));
    await this.#loops;
    if (!this.isHolder) return;
    const { leases, owner, logger } = this.#parts;
    // Without it the lease runs out by itself.
    await leases.release(LEASE, owner).catch((error: unknown) => {
      logger.warn({ err: error }, "the reconciler's lease was not released");
    });
  }

  async #holdLease(): Promise<void> {
    const { leases, owner, timing, logger } = this.#parts;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      // Counted from before the question: the database's clock starts no earlier.
      const held = Deadline.after(timing.leaseMs);
      try {
        const fence = await leases.acquire(LEASE, owner, timing.leaseMs);
        if (fence !== null) this.#held = held;
        else this.#held = Deadline.after(0);
      } catch (error) {
        logger.warn(
          { reason: messageOf(error) },
          "no lease for the reconciler",
        );
      }
      await sleep(Math.min(timing.tickMs, timing.leaseMs / 3), signal);
    }
  }

  async #repeat(step: ReconcilerStep): Promise<void> {
    const { signal } = this.#ending;
    const { tickMs } = this.#parts.timing;
    let next = Deadline.after(0);
    while (!signal.aborted) {
      if (this.isHolder && next.passed) {
        next = Deadline.after(step.everyMs);
        await this.#run(step);
      }
      await sleep(Math.min(tickMs, step.everyMs), signal);
    }
  }

  async #run({ name, run }: ReconcilerStep): Promise<void> {
    const { timing, logger } = this.#parts;
    const late = new AbortController();
    const signal = AbortSignal.any([this.#ending.signal, late.signal]);
    try {
      await withTimeout(run(signal), timing.stepTimeoutMs, `The step ${name}`);
      this.#runs.inc({ step: name, outcome: "done" });
    } catch (error) {
      late.abort(error);
      this.#runs.inc({ step: name, outcome: "failed" });
      logger.warn(
        { err: error, step: name },
        "a step of the reconciler failed",
      );
    }
  }
}
