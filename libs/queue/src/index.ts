export * from "./create-queues.js";
export type { RingOutcome } from "./doorbells.js";
export type { LiveEventHandler } from "./live/live-events.js";
export { migrateQueueSchema } from "./postgres/migrate-queue-schema.js";
export type { QueueWorker, WorkOptions } from "./queue-worker.js";
