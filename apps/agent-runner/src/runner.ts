import type { LiveEvent } from "@pullwright/contracts";
import type {
  AttemptRef,
  ClaimedPhase,
  Claimer,
} from "@pullwright/persistence";
import { messageOf, reach, type Logger } from "@pullwright/platform";
import type { QueueWorker } from "@pullwright/queue";
import type { Runtime } from "@pullwright/runtime";
import { AttemptStopped } from "./attempt/attempt-end.js";
import { keepReaping } from "./attempt/reaper.js";
import { runAttempt } from "./attempt/run-attempt.js";
import type { RunnerParts } from "./phases/phase-context.js";

export interface RunnerOptions {
  readonly concurrency: number;
  /** How long running attempts may go on after the stop; then they are handed over. */
  readonly drainMs: number;
}

/** A hand-over kills the agent's tree and records the attempt's end. */
const HANDOVER_MS = 20_000;

/** Claims phases and works on them, as many at a time as it may. */
export class Runner {
  readonly #running = new Map<string, Set<AbortController>>();
  readonly #attempts = new Set<Promise<void>>();
  /** Asked by the reaper, which must spare what is in use. */
  readonly #liveAttemptIds = new Set<string>();
  readonly #stopped = new AbortController();
  #worker: QueueWorker | undefined;
  #unsubscribe: (() => void) | undefined;
  #reaping: Promise<void> = Promise.resolve();
  #isHandingOver = false;

  constructor(
    private readonly runtime: Runtime,
    private readonly parts: RunnerParts,
    private readonly options: RunnerOptions,
  ) {}

  /** Attempts that run here now. */
  get busy(): number {
    return this.#attempts.size;
  }

  /** How long {@link stop} may take. */
  get longestStopMs(): number {
    return this.options.drainMs + 2 * HANDOVER_MS;
  }

  start(): void {
    this.#reaping = keepReaping(
      {
        workspaces: this.parts.workspaces,
        folders: this.parts.folders,
        liveAttemptIds: () => this.#liveAttemptIds,
        logger: this.runtime.logger,
      },
      this.#stopped.signal,
    );
    this.#unsubscribe = this.runtime.queues.subscribe((event) =>
      this.#hear(event),
    );
    this.#worker = this.runtime.queues.work(
      "phases",
      { "phase.queued": ({ phaseRunId }) => this.#answer(phaseRunId) },
      { concurrency: this.options.concurrency },
    );
  }

  /** Stops claiming, lets attempts end until the deadline, then hands over what still runs. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    const closing = this.#worker?.close(this.options.drainMs + HANDOVER_MS);
    const drained = await Promise.race([
      this.#settled().then(() => true),
      new Promise<false>((resolve) =>
        setTimeout(() => resolve(false), this.options.drainMs).unref(),
      ),
    ]);
    if (!drained) this.handOver();
    await this.#settled();
    // Until now a cancel was heard at once.
    this.#unsubscribe?.();
    await closing;
    await this.#reaping;
  }

  /** Ends every attempt now; their phases go back to the queue. */
  handOver(): void {
    this.#isHandingOver = true;
    for (const controllers of this.#running.values()) {
      for (const controller of controllers)
        controller.abort(new AttemptStopped("shutdown"));
    }
  }

  async #settled(): Promise<void> {
    await Promise.allSettled(this.#attempts);
  }

  #hear(event: LiveEvent): void {
    if (event.type !== "cancel.requested") return;
    for (const controller of this.#running.get(event.runId) ?? [])
      controller.abort(new AttemptStopped("cancelled"));
  }

  /** Answers a doorbell: nothing to claim is no error, since rings may be doubled. */
  async #answer(phaseRunId: string): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    reach("runner.doorbell-heard");
    const attempt = this.#claimAndWork(phaseRunId);
    this.#attempts.add(attempt);
    try {
      await attempt;
    } finally {
      this.#attempts.delete(attempt);
    }
  }

  /** Stays with a run from phase to phase, as long as the next one may begin at once: its checkout is warm here. */
  async #claimAndWork(phaseRunId: string): Promise<void> {
    let claimed = await this.parts.stores.attempts.claim({
      phaseRunId,
      ...this.#claimer,
    });
    while (claimed !== null) claimed = await this.#work(claimed);
  }

  /** Works on a phase; answers the run's next one when it was claimed with the result. */
  async #work(claimed: ClaimedPhase): Promise<ClaimedPhase | null> {
    const { runtime, parts } = this;
    const { attemptId } = claimed.attempt;
    this.#liveAttemptIds.add(attemptId);
    const logger = runtime.logger.child({
      adw_id: claimed.run.adwId,
      phase: claimed.phase.definition.name,
    });
    logger.info(
      { fence: claimed.attempt.fence, round: claimed.phase.round },
      "claimed a phase",
    );
    reach("runner.claimed");
    try {
      // The work does not wait for its announcement.
      const announced = runtime.announce(claimed.announce);
      announced.catch(() => undefined); // Seen below, also when the work throws first.
      const answer = await runAttempt(claimed, {
        parts,
        lease: runtime.config.heartbeat,
        claimer: () => (this.#stopped.signal.aborted ? null : this.#claimer),
        publish: (event) => runtime.queues.publish(event),
        logger,
        register: (runId, stop) => this.#register(runId, stop),
      });
      await announced;
      if (answer?.kind !== "applied") {
        logger.warn(
          { answer: answer?.kind ?? "lost" },
          "the attempt's result was not taken",
        );
        return null;
      }
      if (answer.next !== null) {
        reach("runner.next-claimed");
        return answer.next;
      }
      reach("runner.recorded-not-rung");
      await runtime.announce(answer);
      return null;
    } catch (error) {
      await this.#giveBack(claimed.attempt, error, logger);
      return null;
    } finally {
      this.#liveAttemptIds.delete(attemptId);
    }
  }

  get #claimer(): Claimer {
    const { runtime, parts } = this;
    return {
      owner: runtime.owner,
      leaseMs: runtime.config.heartbeat.timeoutMs,
      workersOf: (run, phase) => parts.agents.workersOf(run, phase),
    };
  }

  /** A surprise outside the phase's own work: the lease is given back so that nobody waits for it to expire. */
  async #giveBack(
    attempt: AttemptRef,
    error: unknown,
    logger: Logger,
  ): Promise<void> {
    logger.error({ err: error }, "the attempt ended in a surprise");
    await this.parts.stores.attempts
      .release(attempt)
      .catch((problem: unknown) => {
        logger.warn(
          { reason: messageOf(problem) },
          "the lease could not be given back; it will expire",
        );
      });
  }

  #register(runId: string, stop: AbortController): () => void {
    const controllers = this.#running.get(runId) ?? new Set();
    controllers.add(stop);
    this.#running.set(runId, controllers);
    // Claimed in the very moment of the deadline.
    if (this.#isHandingOver) stop.abort(new AttemptStopped("shutdown"));
    return () => {
      controllers.delete(stop);
      if (controllers.size === 0) this.#running.delete(runId);
    };
  }
}
