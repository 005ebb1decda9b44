/** The schema of BullMQ's tables, apart from ours. */
export const QUEUE_SCHEMA = "bullmq";
