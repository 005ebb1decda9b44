import { runMigrations } from "bullmq";
import pg from "pg";
import { QUEUE_SCHEMA } from "./queue-schema.js";

/**
 * Creates or updates the queue's tables in their own schema; safe to run from several processes at once.
 *
 * Needed once before a process uses the queue on Postgres; on Redis there is nothing to do. Not through the queue's
 * own connections: those give up after seconds, while this waits for another process's migration, and their commits
 * may be lost in a crash.
 */
export async function migrateQueueSchema(databaseUrl: string): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: 10_000,
  });
  client.on("error", () => undefined); // The statement under way rejects; that is told enough.
  await client.connect();
  try {
    await runMigrations(client, QUEUE_SCHEMA);
  } finally {
    await client.end();
  }
}
