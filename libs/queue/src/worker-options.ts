import type { WorkerOptions } from "bullmq";

/**
 * How every worker runs (R9): BullMQ never decides that a job is lost for good.
 *
 * Measured on 6.7: with the default `maxStalledCount` of 1, two killed workers failed a job for ever in spite of
 * `attempts: 5`.
 */
export const workerOptions = {
  autorun: false,
  lockDuration: 60_000,
  stalledInterval: 30_000,
  maxStalledCount: 1_000_000,
  removeOnComplete: { count: 0 },
  removeOnFail: { count: 0 },
  /** Seconds of one blocking wait: how soon a worker notices jobs whose announcement was lost. */
  drainDelay: 5,
  /** After a refused connection; BullMQ's 15 s would be felt. */
  runRetryDelay: 1_000,
} as const satisfies Partial<WorkerOptions>;

/** How every job is added. */
export const jobOptions = {
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
} as const;
