import { z } from "zod";

/** The three BullMQ queues; each has one consuming app. */
export const QUEUE_NAMES = ["pipeline-events", "phases", "effects"] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

const version = z.literal(1);

/**
 * Every doorbell there is: its queue, its payload and its job id.
 *
 * Payloads carry ids and never content: a ring may be lost, doubled or late, and whoever answers reads the truth from
 * Postgres. A job id names what it rings for; it must not be all digits nor contain a colon (BullMQ throws).
 * Retries and delays are the domain's, so nothing here speaks of them.
 */
export const catalog = {
  /** A delivery was recorded and waits to be handled. */
  "delivery.received": {
    queue: "pipeline-events",
    payload: z.strictObject({ v: version, deliveryId: z.uuid() }),
    jobId: ({ deliveryId }: { deliveryId: string }) => `d_${deliveryId}`,
  },
  /** A phase run may be claimed; the fence is the one seen when it was rung. */
  "phase.queued": {
    queue: "phases",
    payload: z.strictObject({
      v: version,
      phaseRunId: z.uuid(),
      fence: z.int().nonnegative(),
    }),
    jobId: ({ phaseRunId, fence }: { phaseRunId: string; fence: number }) =>
      `p_${phaseRunId}_${fence.toString()}`,
  },
  /** An effect is due, at this revision of its desired state. */
  "effect.due": {
    queue: "effects",
    payload: z.strictObject({
      v: version,
      effectId: z.uuid(),
      rev: z.int().nonnegative(),
    }),
    jobId: ({ effectId, rev }: { effectId: string; rev: number }) =>
      `e_${effectId}_${rev.toString()}`,
  },
} as const satisfies Record<
  string,
  { queue: QueueName; payload: z.ZodType; jobId: (payload: never) => string }
>;

/** The name of a doorbell. */
export type JobName = keyof typeof catalog;

/** What a doorbell carries. */
export type JobPayload<N extends JobName> = z.output<
  (typeof catalog)[N]["payload"]
>;

/** The doorbells of one queue. */
export type JobNameOf<Q extends QueueName> = {
  [N in JobName]: (typeof catalog)[N]["queue"] extends Q ? N : never;
}[JobName];

/** Answers a ring; must be safe to run twice. The signal aborts when the process will wait no longer. */
export type JobHandler<N extends JobName> = (
  payload: JobPayload<N>,
  context: { readonly signal: AbortSignal },
) => Promise<void>;

/** One handler for every doorbell of a queue: none missing, none of another queue. */
export type QueueHandlers<Q extends QueueName> = {
  readonly [N in JobNameOf<Q>]: JobHandler<N>;
};

/** Whether the name stands in the catalog. */
export function isJobName(name: string): name is JobName {
  return Object.hasOwn(catalog, name);
}

/** Parses a payload, on the way in and on the way out; throws zod's error with every fault. */
export function parsePayload<N extends JobName>(
  name: N,
  payload: unknown,
): JobPayload<N> {
  return catalog[name].payload.parse(payload) as JobPayload<N>; // TypeScript does not follow the index through `parse`.
}

/** The job id of a ring: the same ring has the same id, so that a second one is swallowed while the first waits. */
export function jobIdOf<N extends JobName>(
  name: N,
  payload: JobPayload<N>,
): string {
  const entry: { jobId: (payload: JobPayload<N>) => string } = catalog[
    name
  ] as never; // The same index, the other way round.
  return entry.jobId(payload);
}
