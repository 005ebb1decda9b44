import {
  isJobName,
  parsePayload,
  type JobHandler,
  type JobName,
  type QueueHandlers,
  type QueueName,
} from "@pullwright/contracts";
import { messageOf, type Logger } from "@pullwright/platform";
import { UnrecoverableError, type Job } from "bullmq";
import type { Backend } from "./backend.js";
import type { OutageLog } from "./outage-log.js";
import type { QueueMetrics } from "./queue-metrics.js";

/** Answers the doorbells of one queue. */
export interface QueueWorker {
  /** Fetches nothing more (a fetch already on its way may still bring one job); what runs goes on. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** How many handlers run now. */
  readonly running: number;
  /**
   * Stops claiming and waits for the running handlers. Once the deadline is over their signal aborts, they are let
   * go of, and the answer is false.
   */
  close(deadlineMs: number): Promise<boolean>;
}

export interface WorkOptions {
  /** Handlers at once in this process. */
  readonly concurrency: number;
}

interface Surroundings {
  readonly backend: Backend;
  readonly logger: Logger;
  readonly outage: OutageLog;
  readonly metrics: QueueMetrics | undefined;
}

/** Starts answering; goes on by itself after every outage of the server. */
export function startWorker<Q extends QueueName>(
  queue: Q,
  handlers: QueueHandlers<Q>,
  { concurrency }: WorkOptions,
  { backend, logger, outage, metrics }: Surroundings,
): QueueWorker {
  const giveUp = new AbortController();
  let running = 0;
  const table = new Map(Object.entries(handlers)) as ReadonlyMap<
    string,
    JobHandler<never>
  >; // Each gets only its own payload: `parsePayload` sees to that.

  const answer = async (job: Job): Promise<void> => {
    const parsed = parse(job);
    const handler = parsed && table.get(parsed.name);
    if (!handler) {
      metrics?.jobs.inc({
        job: isJobName(job.name) ? job.name : "unknown",
        outcome: "invalid",
      });
      // Another version rings so, while several run side by side.
      logger.warn(
        { job: job.name, jobId: job.id },
        "a doorbell is not in the catalog; it is gone, and what it rang for is rung again",
      );
      throw new UnrecoverableError("The doorbell is not in the catalog.");
    }
    const stopTimer = metrics?.jobSeconds.startTimer({ job: parsed.name });
    running += 1;
    try {
      await handler(parsed.payload as never, { signal: giveUp.signal });
      metrics?.jobs.inc({ job: parsed.name, outcome: "done" });
    } catch (error) {
      metrics?.jobs.inc({ job: parsed.name, outcome: "failed" });
      logger.error(
        { err: error, job: job.name, jobId: job.id },
        "answering a doorbell failed",
      );
      throw new UnrecoverableError(messageOf(error)); // The domain decides about another try, never the queue.
    } finally {
      running -= 1;
      stopTimer?.();
    }
  };

  const worker = backend.createWorker(queue, answer, concurrency);
  worker.on("error", (error) => outage.failed(error));
  worker.on("completed", () => outage.worked());
  void worker.keepRunning();

  return {
    pause: () => worker.pause(),
    resume: () => worker.resume(),
    get running() {
      return running;
    },
    close: async (deadlineMs) => {
      const inTime = await worker.closeWithin(deadlineMs);
      giveUp.abort(new Error("The process ends."));
      return inTime;
    },
  };
}

function parse(job: Job): { name: JobName; payload: unknown } | undefined {
  if (!isJobName(job.name)) return undefined;
  try {
    return { name: job.name, payload: parsePayload(job.name, job.data) };
  } catch {
    return undefined;
  }
}
