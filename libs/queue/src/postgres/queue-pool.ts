import pg from "pg";
import { QUEUE_SCHEMA } from "./queue-schema.js";

const TIMEOUT_MS = 3_000;

/** How any connection of the queue is made: nothing waits for ever on a server that hangs. */
function settings(databaseUrl: string): pg.ClientConfig {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get("options") ?? "";
  // Rings may be lost with no harm, so none waits for the disk; only this pool's commits are so light-hearted.
  const ours = `-c search_path=${QUEUE_SCHEMA} -c synchronous_commit=off`;
  url.searchParams.set("options", `${given} ${ours}`.trim());
  return {
    connectionString: url.href,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "pullwright-queue",
  };
}

/** A connection of one's own, for LISTEN. */
export type DedicatedClient = pg.Client & { release(): void };

/**
 * All of one process's connections for the queue: a small pool for statements that everything shares, and a
 * connection of its own for everyone who listens.
 *
 * BullMQ would open a pool for every queue and worker (14 connections for two of each) or, given a pool, park a
 * listener in it for ever; this has the shape of the `pg.Pool` that BullMQ takes, and does neither.
 */
export class QueuePool {
  readonly options = { keepAlive: true };
  private readonly pool: pg.Pool;

  constructor(
    private readonly databaseUrl: string,
    max: number,
    onError: (error: Error) => void,
  ) {
    this.pool = new pg.Pool({
      ...settings(databaseUrl),
      max,
      idleTimeoutMillis: 30_000,
    });
    this.pool.on("error", onError); // An idle connection that breaks must not end the process.
  }

  query(text: string, values?: readonly unknown[]): Promise<pg.QueryResult> {
    return this.pool.query(text, values ? [...values] : []);
  }

  async connect(): Promise<DedicatedClient> {
    const client = new pg.Client(settings(this.databaseUrl));
    const ignore = () => undefined;
    client.on("error", ignore); // Who uses it listens too; this one stays when they have left.
    await client.connect();
    return Object.assign(client, {
      release: () => {
        client.on("error", ignore); // BullMQ takes all listeners along, and Postgres may end before the connection has.
        void client.end().catch(ignore);
      },
    });
  }

  async end(): Promise<void> {
    await this.pool.end();
  }

  /** BullMQ listens for errors of idle connections; they are handled above. */
  on(): this {
    return this;
  }

  removeAllListeners(): this {
    return this;
  }
}
