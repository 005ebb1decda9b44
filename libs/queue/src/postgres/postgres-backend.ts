import { AppError, type Logger } from "@pullwright/platform";
import {
  assertSchemaCompatibility,
  Queue,
  SchemaMigrationRequiredError,
  SchemaVersionMismatchError,
  type BackendFactory,
  type ConnectionOptions,
  type PgPool,
  type RedisQueueBackend,
} from "bullmq";
import type { Backend } from "../backend.js";
import { OutageLog } from "../outage-log.js";
import { ResilientWorker } from "../resilient-worker.js";
import { workerOptions } from "../worker-options.js";
import { PatientBackend, PatientConnection } from "./patient-backend.js";
import { PostgresTransport } from "./postgres-transport.js";
import { QueuePool } from "./queue-pool.js";
import { QUEUE_SCHEMA } from "./queue-schema.js";

export interface PostgresBackendOptions {
  readonly url: string;
  readonly logger: Logger;
  /** Connections for statements; each worker and the hearing of live events add one. */
  readonly poolSize: number;
}

/** BullMQ on Postgres; its tables are made by `migrateQueueSchema`. */
export function createPostgresBackend({
  url,
  logger,
  poolSize,
}: PostgresBackendOptions): Backend {
  const outage = new OutageLog(logger, "The queue's Postgres");
  const pool = new QueuePool(url, poolSize, (error) => outage.failed(error));
  // QueuePool has what BullMQ uses of a pool, and leaves out the generics of pg's types.
  const pgPool = pool as unknown as PgPool;
  const connection = pgPool as unknown as ConnectionOptions; // Queue and Worker are typed for Redis unless told by two more generics everywhere.
  const create: BackendFactory<PatientBackend, unknown> = (
    name,
    options,
    { withBlockingConnection } = {},
  ) => {
    const listener = withBlockingConnection ? name : undefined;
    return new PatientBackend(
      new PatientConnection(pgPool),
      name,
      { ...options, connection: pgPool },
      true,
      listener,
    );
  };
  const factory = create as unknown as BackendFactory<RedisQueueBackend>; // For the same reason.
  const live = new PostgresTransport(pool, outage);
  return {
    kind: "postgres",
    createQueue: (name) =>
      new Queue(name, { connection, skipMetasUpdate: true }, factory),
    createWorker: (name, processor, concurrency) =>
      new ResilientWorker(
        name,
        processor,
        { ...workerOptions, concurrency, connection },
        factory,
      ),
    live,
    check: () => check(pool),
    // It lives where the truth lives: they are lost together.
    wasEmptied: () => Promise.resolve(false),
    close: async () => {
      await live.close();
      await pool.end();
    },
  };
}

async function check(pool: QueuePool): Promise<void> {
  try {
    await assertSchemaCompatibility(pool, QUEUE_SCHEMA);
  } catch (cause) {
    throw explain(cause);
  }
}

function explain(cause: unknown): AppError {
  if (cause instanceof SchemaMigrationRequiredError) {
    return new AppError(
      "queue_schema_missing",
      "The queue's tables are missing: run the migrations.",
      { cause, expose: true },
    );
  }
  if (cause instanceof SchemaVersionMismatchError) {
    const message = "The queue's tables are newer than this version: upgrade.";
    return new AppError("queue_schema_newer", message, { cause, expose: true });
  }
  return new AppError(
    "queue_postgres_unavailable",
    "The queue's Postgres does not answer.",
    { cause, expose: true },
  );
}
