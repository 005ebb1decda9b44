import {
  catalog,
  jobIdOf,
  parsePayload,
  type JobName,
  type JobPayload,
  type QueueName,
} from "@pullwright/contracts";
import { withTimeout } from "@pullwright/platform";
import type { Queue } from "bullmq";
import type { OutageLog } from "./outage-log.js";
import type { QueueMetrics } from "./queue-metrics.js";
import { jobOptions } from "./worker-options.js";

/** What became of a ring. `unavailable` is harmless: whoever reconciles rings again. */
export type RingOutcome = "rung" | "unavailable";

export interface DoorbellOptions {
  readonly queues: ReadonlyMap<QueueName, Queue>;
  readonly outage: OutageLog;
  readonly metrics: QueueMetrics | undefined;
  readonly timeoutMs: number;
}

/** Rings; answers within its timeout whatever state the server is in. Throws only for a payload that is no payload. */
export async function ring<N extends JobName>(
  name: N,
  payload: JobPayload<N>,
  { queues, outage, metrics, timeoutMs }: DoorbellOptions,
): Promise<RingOutcome> {
  const data = parsePayload(name, payload);
  const outcome = await add(name, data);
  metrics?.rings.inc({ job: name, outcome });
  return outcome;

  async function add(job: N, parsed: JobPayload<N>): Promise<RingOutcome> {
    const queue = queues.get(catalog[job].queue);
    if (!queue) return "unavailable";
    try {
      const options = { ...jobOptions, jobId: jobIdOf(job, parsed) };
      await withTimeout(
        queue.add(job, parsed, options),
        timeoutMs,
        `Ringing ${job}`,
      );
      outage.worked();
      return "rung";
    } catch (error) {
      outage.failed(error);
      return "unavailable";
    }
  }
}
