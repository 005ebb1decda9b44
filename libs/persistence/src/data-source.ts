import "reflect-metadata";
import type { ClientBase } from "pg";
import { DataSource } from "typeorm";
import { entities } from "./entities/index.js";
import { SnakeNaming } from "./entities/naming.js";
import { migrations } from "./migrations/index.js";

export interface DatabaseOptions {
  /** `postgres://…` */
  readonly url: string;
  readonly poolSize?: number;
  /** Longest wait for one answer, so that nothing hangs on a stopped server. */
  readonly queryTimeoutMs?: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName?: string;
  /** Told about connections that break while idle; they are replaced by themselves. */
  readonly onPoolError?: (error: Error) => void;
  /** Told how long each statement outside of a transaction took, the wait for a connection included; failed ones count too. */
  readonly onAnswer?: (seconds: number) => void;
}

export const QUERY_TIMEOUT_MS = 10_000;

/** Stay open without work, the others for ten seconds: a new one takes four round trips, which a heartbeat may not have. */
const KEPT_CONNECTIONS = 2;

/** The one data source; `synchronize` is never used. */
export function createDataSource(options: DatabaseOptions): DataSource {
  const queryTimeoutMs = options.queryTimeoutMs ?? QUERY_TIMEOUT_MS;
  return new DataSource({
    type: "postgres",
    url: options.url,
    entities,
    migrations,
    migrationsTableName: "schema_migrations",
    namingStrategy: new SnakeNaming(),
    synchronize: false,
    // `gen_random_uuid()` is part of Postgres; no extension is installed for it.
    uuidExtension: "pgcrypto",
    installExtensions: false,
    poolSize: options.poolSize ?? 10,
    connectTimeoutMS: 5_000,
    applicationName: options.applicationName ?? "pullwright",
    poolErrorHandler: (error: Error) => options.onPoolError?.(error),
    extra: {
      min: KEPT_CONNECTIONS,
      query_timeout: queryTimeoutMs,
      statement_timeout: queryTimeoutMs,
      lock_timeout: queryTimeoutMs,
      idle_in_transaction_session_timeout: 2 * queryTimeoutMs,
      keepAlive: true,
      // The pool listens to idle connections only: one that breaks as it is handed over would end the process.
      onConnect: (client: ClientBase) => {
        client.on("error", () => undefined); // Whoever has it is told by its next statement.
      },
    },
  });
}
