import { setImmediate } from "node:timers/promises";
import type { LiveEvent } from "@pullwright/contracts";
import type { PhaseRunState } from "@pullwright/domain";
import type {
  AttemptRef,
  ClaimedPhase,
  Claimer,
} from "@pullwright/persistence";
import { messageOf, reach, type Logger } from "@pullwright/platform";
import type { QueueWorker } from "@pullwright/queue";
import { dispatchRules, type Runtime } from "@pullwright/runtime";
import { AttemptStopped } from "./attempt/attempt-end.js";
import { keepReaping } from "./attempt/reaper.js";
import { runAttempt, type RunningAttempt } from "./attempt/run-attempt.js";
import type { RunnerParts } from "./phases/phase-context.js";
import { knowsPhase } from "./phases/phase-work.js";
import { Turns } from "./turns.js";

export interface RunnerOptions {
  readonly concurrency: number;
  /** How long running attempts may go on after the stop; then they are handed over. */
  readonly drainMs: number;
}

/** A hand-over kills the agent's tree and records the attempt's end. */
const HANDOVER_MS = 20_000;

/** Claims phases and works on them, as many at a time as it may. */
export class Runner {
  readonly #running = new Map<string, Set<RunningAttempt>>();
  readonly #attempts = new Set<Promise<void>>();
  #takenSlots = 0;
  /** Asked by the reaper, which must spare what is in use. */
  readonly #liveAttemptIds = new Set<string>();
  readonly #stopped = new AbortController();
  #worker: QueueWorker | undefined;
  #unsubscribe: (() => void) | undefined;
  #reaping: Promise<void> = Promise.resolve();
  #isHandingOver = false;
  readonly #turns: Turns;
  readonly #waited;

  constructor(
    private readonly runtime: Runtime,
    private readonly parts: RunnerParts,
    private readonly options: RunnerOptions,
  ) {
    const rules = dispatchRules(runtime.config);
    this.#turns = new Turns(runtime, parts.agents, rules);
    this.#waited = runtime.metrics.histogram({
      name: "phase_wait_seconds",
      help: "From the moment that a phase might begin to its claim.",
    });
  }

  /** Attempts that run here now. */
  get busy(): number {
    return this.#attempts.size;
  }

  /** The asker's own slot among them. */
  get #freeSlots(): number {
    return this.options.concurrency - this.#takenSlots + 1;
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
    for (const attempts of this.#running.values()) {
      for (const { stop } of attempts)
        stop.abort(new AttemptStopped("shutdown"));
    }
  }

  async #settled(): Promise<void> {
    await Promise.allSettled(this.#attempts);
  }

  /** Nobody shall wait for a heartbeat. An event may be old, from before a retry: what was requested the database says. */
  #hear(event: LiveEvent): void {
    if (event.type !== "cancel.requested") return;
    for (const { ask } of this.#running.get(event.runId) ?? []) void ask();
  }

  /** Answers a doorbell, which says that there is work, not whose turn it is; that there is none is no error. */
  async #answer(phaseRunId: string): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    reach("runner.doorbell-heard");
    this.#takenSlots += 1;
    const attempt = this.#workOff(phaseRunId);
    this.#attempts.add(attempt);
    try {
      await attempt;
    } finally {
      this.#takenSlots -= 1;
      this.#attempts.delete(attempt);
    }
  }

  /**
   * Takes what is fairest as long as there is anything: a slot that gets free is used at once. Stays with a run from phase to
   * phase, while nobody else comes first: its checkout is warm here.
   */
  async #workOff(rungPhaseRunId: string): Promise<void> {
    let rung: string | null = rungPhaseRunId;
    while (!this.#stopped.signal.aborted) {
      const given = await this.#turns.next(rung, this.#freeSlots);
      if (given === null) return;
      rung = null;
      let claimed = await this.parts.stores.attempts.claim({
        ...given,
        ...this.#claimer,
      });
      while (claimed !== null) claimed = await this.#work(claimed);
    }
    await this.#turns.passOn();
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
    this.#waited.observe(waitedSeconds(claimed.phase));
    reach("runner.claimed");
    try {
      // The work does not wait for its announcement, nor for what that takes of this process.
      const announced = setImmediate().then(() =>
        runtime.announce(claimed.announce),
      );
      announced.catch(() => undefined); // Seen below, also when the work throws first.
      const answer = await runAttempt(claimed, {
        parts,
        lease: runtime.config.heartbeat,
        claimer: () => this.#claimerOfNext(claimed),
        publish: (event) => runtime.queues.publish(event),
        logger,
        register: (runId, running) => this.#register(runId, running),
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
        await this.#turns.stayed(claimed.attempt, answer.next.attempt);
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

  /** Who takes the run's next phase along with the end of this one; null when it goes back to the queue. */
  async #claimerOfNext(claimed: ClaimedPhase): Promise<Claimer | null> {
    const isKnown = claimed.run.state.phases.every(knowsPhase);
    if (this.#stopped.signal.aborted || !isKnown) return null;
    return (await this.#turns.mayStay(claimed)) ? this.#claimer : null;
  }

  get #claimer(): Claimer {
    const { runtime, parts } = this;
    return {
      owner: runtime.owner,
      leaseMs: runtime.config.heartbeat.timeoutMs,
      workersOf: (run, phase) => parts.agents.workersOf(run, phase),
      knows: knowsPhase,
      onUnaffordable: (answer) => {
        reach("runner.unaffordable-not-rung");
        void runtime.announce(answer);
      },
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
      .then(() => reach("runner.given-back"))
      .catch((problem: unknown) => {
        logger.warn(
          { reason: messageOf(problem) },
          "the lease could not be given back; it will expire",
        );
      });
  }

  #register(runId: string, attempt: RunningAttempt): () => void {
    const attempts = this.#running.get(runId) ?? new Set();
    attempts.add(attempt);
    this.#running.set(runId, attempts);
    // Claimed in the very moment of the deadline.
    if (this.#isHandingOver) attempt.stop.abort(new AttemptStopped("shutdown"));
    return () => {
      attempts.delete(attempt);
      if (attempts.size === 0) this.#running.delete(runId);
    };
  }
}

/** Both moments are of the database's clock. */
function waitedSeconds({ availableAt, startedAt }: PhaseRunState): number {
  const waitedMs = (startedAt ?? availableAt).getTime() - availableAt.getTime();
  return Math.max(0, waitedMs) / 1000;
}
