import { runMigrations } from "bullmq";
import { QUEUE_SCHEMA, QueuePool } from "./queue-pool.js";

/**
 * Creates or updates the queue's tables in their own schema; safe to run from several processes at once.
 *
 * Needed once before a process uses the queue on Postgres; on Redis there is nothing to do.
 */
export async function migrateQueueSchema(databaseUrl: string): Promise<void> {
  const pool = new QueuePool(databaseUrl, 1, () => undefined);
  const client = await pool.connect();
  try {
    await client.query("SET statement_timeout = 0"); // Waiting for another process's migration may take long.
    await runMigrations(client, QUEUE_SCHEMA);
  } finally {
    client.release();
    await pool.end();
  }
}
