import {
  QUEUE_NAMES,
  type JobName,
  type JobPayload,
  type LiveEvent,
  type QueueHandlers,
  type QueueName,
} from "@pullwright/contracts";
import { withTimeout, type Logger, type Metrics } from "@pullwright/platform";
import type { Queue } from "bullmq";
import type { Backend } from "./backend.js";
import { reportDepth } from "./depth-metrics.js";
import { insist, ring, type RingOutcome } from "./doorbells.js";
import { LateRings } from "./late-rings.js";
import { LiveEvents, type LiveEventHandler } from "./live/live-events.js";
import { OutageLog } from "./outage-log.js";
import { createPostgresBackend } from "./postgres/postgres-backend.js";
import { createQueueMetrics } from "./queue-metrics.js";
import {
  startWorker,
  type QueueWorker,
  type WorkOptions,
} from "./queue-worker.js";
import { createRedisBackend } from "./redis/redis-backend.js";

/** A ring waits this long at most. */
const RING_TIMEOUT_MS = 1_500;
/** What the server did not take is tried again this often. */
const LATE_RINGS_EVERY_MS = 500;

export interface QueuesOptions {
  /** With it, the queue is on Redis; without, on the Postgres of `databaseUrl`. */
  readonly redisUrl?: string | undefined;
  readonly databaseUrl?: string | undefined;
  /** Sets apart several installations on one Redis. */
  readonly prefix?: string;
  /** Connections for statements on Postgres; each worker and the hearing of live events add one. */
  readonly poolSize?: number;
  readonly logger: Logger;
  readonly metrics?: Metrics;
}

/** The doorbells and the live events of one process. */
export interface Queues {
  readonly kind: "redis" | "postgres";
  /** Rings; never hangs and never fails for the server's sake. */
  ring<N extends JobName>(
    name: N,
    payload: JobPayload<N>,
  ): Promise<RingOutcome>;
  /**
   * Rings for a phase so that it is heard also while the same ring is being answered: whoever is free wakes up, and finds all
   * that waits.
   */
  insist(payload: JobPayload<"phase.queued">): Promise<RingOutcome>;
  /** Answers the doorbells of a queue until closed, across outages. */
  work<Q extends QueueName>(
    queue: Q,
    handlers: QueueHandlers<Q>,
    options: WorkOptions,
  ): QueueWorker;
  /** Tells all processes; returns at once, and the event may be lost. */
  publish(event: LiveEvent): void;
  /** Hears what any process tells, this one included; returns how to stop. */
  subscribe(handler: LiveEventHandler): () => void;
  /** For readiness: throws while the server is away or not fit. */
  check(): Promise<void>;
  /** Whether all rings were lost since this was last asked, by whatever process; false while the server is away. */
  wasEmptied(): Promise<boolean>;
  /** BullMQ's own objects, for Bull Board. */
  bullBoardQueues(): Queue[];
  /** Closes every worker within the deadline, then all connections. True when nothing had to be let go of. */
  close(deadlineMs: number): Promise<boolean>;
}

/** Opens the queue of a process. Returns at once; the server may be away and come later. */
export function createQueues(options: QueuesOptions): Queues {
  const { logger } = options;
  const backend = createBackend(options);
  const metrics = options.metrics && createQueueMetrics(options.metrics);
  const outage = new OutageLog(logger, "The queue");
  const queues = new Map(
    QUEUE_NAMES.map((name) => [name, backend.createQueue(name)] as const),
  );
  for (const queue of queues.values())
    queue.on("error", (error) => outage.failed(error));
  if (options.metrics) reportDepth(options.metrics, queues);
  const late = new LateRings(LATE_RINGS_EVERY_MS);
  const doorbells = {
    queues,
    outage,
    metrics,
    late,
    timeoutMs: RING_TIMEOUT_MS,
  };
  const live = new LiveEvents({
    transport: backend.live,
    outage,
    metrics,
    timeoutMs: RING_TIMEOUT_MS,
  });
  const workers: QueueWorker[] = [];
  return {
    kind: backend.kind,
    ring: (name, payload) => ring(name, payload, doorbells),
    insist: (payload) => insist(payload, doorbells),
    work: (queue, handlers, workOptions) => {
      const worker = startWorker(queue, handlers, workOptions, {
        backend,
        logger,
        outage,
        metrics,
      });
      workers.push(worker);
      return worker;
    },
    publish: (event) => live.publish(event),
    subscribe: (handler) => live.subscribe(handler),
    check: () => backend.check(),
    wasEmptied: () => backend.wasEmptied().catch(() => false),
    bullBoardQueues: () => [...queues.values()],
    close: async (deadlineMs) => {
      const inTime = await Promise.all(
        workers.map((worker) => worker.close(deadlineMs)),
      );
      live.close();
      late.close();
      const closing = Promise.allSettled(
        [...queues.values()].map((queue) => queue.close()),
      ).then(() => backend.close());
      await withTimeout(closing, RING_TIMEOUT_MS, "Closing the queue").catch(
        (error: unknown) => outage.failed(error),
      );
      return inTime.every(Boolean);
    },
  };
}

function createBackend({
  redisUrl,
  databaseUrl,
  prefix = "pullwright",
  poolSize = 4,
  logger,
}: QueuesOptions): Backend {
  if (redisUrl)
    return createRedisBackend({
      url: redisUrl,
      prefix,
      logger,
      commandTimeoutMs: RING_TIMEOUT_MS,
    });
  if (databaseUrl)
    return createPostgresBackend({ url: databaseUrl, logger, poolSize });
  throw new TypeError("The queue needs a Redis or a Postgres.");
}
