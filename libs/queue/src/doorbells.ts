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
import type { LateRings } from "./late-rings.js";
import type { OutageLog } from "./outage-log.js";
import type { QueueMetrics } from "./queue-metrics.js";
import { jobOptions } from "./worker-options.js";

/** What became of a ring. `unavailable` is harmless: it is made again once the server works, or else by whoever reconciles. */
export type RingOutcome = "rung" | "unavailable";

/** So often somebody hears that a phase waits, however many do: the rings of a long backlog must not pile up. */
const INSIST_EVERY_MS = 10_000;

export interface DoorbellOptions {
  readonly queues: ReadonlyMap<QueueName, Queue>;
  readonly outage: OutageLog;
  readonly metrics: QueueMetrics | undefined;
  readonly late: LateRings;
  readonly timeoutMs: number;
}

/** Rings; answers within its timeout whatever state the server is in. Throws only for a payload that is no payload. */
export async function ring<N extends JobName>(
  name: N,
  payload: JobPayload<N>,
  { queues, outage, metrics, late, timeoutMs }: DoorbellOptions,
  idOf = (data: JobPayload<N>) => jobIdOf(name, data),
): Promise<RingOutcome> {
  const data = parsePayload(name, payload);
  const jobId = idOf(data);
  const outcome = await tryToAdd();
  metrics?.rings.inc({ job: name, outcome });
  if (outcome === "unavailable")
    late.add(`${name} ${jobId}`, async () => {
      const isRung = (await tryToAdd()) === "rung";
      if (isRung) metrics?.rings.inc({ job: name, outcome: "rung_late" });
      return isRung;
    });
  return outcome;

  async function tryToAdd(): Promise<RingOutcome> {
    const queue = queues.get(catalog[name].queue);
    if (!queue) return "unavailable";
    try {
      await withTimeout(
        queue.add(name, data, { ...jobOptions, jobId }),
        timeoutMs,
        `Ringing ${name}`,
      );
      outage.worked();
      return "rung";
    } catch (error) {
      outage.failed(error);
      return "unavailable";
    }
  }
}

/** Rings for a phase under another name than its own, which is swallowed for as long as somebody answers it. */
export const insist = (
  payload: JobPayload<"phase.queued">,
  options: DoorbellOptions,
): Promise<RingOutcome> =>
  ring(
    "phase.queued",
    payload,
    options,
    () => `p_again_${Math.floor(Date.now() / INSIST_EVERY_MS)}`,
  );
