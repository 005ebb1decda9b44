import type { Doorbell, LiveEvent } from "@pullwright/contracts";
import {
  createStores,
  openDatabase,
  pendingMigrations,
  type Database,
  type Stores,
} from "@pullwright/persistence";
import {
  AppError,
  armKillPoint,
  createLogger,
  createMetrics,
  createShutdown,
  HealthRegistry,
  sleep,
  type Config,
  type Logger,
  type Metrics,
  type Shutdown,
} from "@pullwright/platform";
import { createQueues, type Queues } from "@pullwright/queue";
import { hostname } from "node:os";
import { DatabaseAway } from "./database-away.js";

/** What every service of a process shares. */
export interface Runtime {
  readonly config: Config;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly health: HealthRegistry;
  readonly shutdown: Shutdown;
  readonly databaseUrl: string;
  readonly database: Database;
  readonly stores: Stores;
  readonly queues: Queues;
  /** This process among all that share the database: leases and attempts carry it. */
  readonly owner: string;
  /** Rings and tells what a transition left to be rung and told; losing any of it only costs time. */
  announce(news: {
    readonly doorbells: readonly Doorbell[];
    readonly live: readonly LiveEvent[];
  }): Promise<void>;
}

/** The schema is older than this program: somebody has to run the migrations first. */
export class SchemaTooOld extends AppError {
  constructor(pending: readonly string[]) {
    super(
      "schema_too_old",
      `The database lacks ${pending.join(", ")}. Run the migrations first: node apps/all-in-one/dist/migrate.js`,
      { expose: true },
    );
  }
}

const RETRY_MS = 1_000;
/** A deployment starts everything at once; Postgres and its migrations may take this long. */
const BOOT_PATIENCE_MS = 60_000;

/** A process before anything is open: it can say what it does, and end. */
export type Beginning = Pick<Runtime, "logger" | "shutdown">;

/** Begins a process; {@link openRuntime} does so for whoever has nothing to open before. */
export function begin(service: string, config: Config): Beginning {
  const logger = createLogger({
    service,
    level: config.log.level,
    secrets: config.secrets,
    pretty: process.stdout.isTTY,
  });
  for (const warning of config.warnings) logger.warn(warning);
  return { logger, shutdown: createShutdown({ logger }) };
}

/** Opens what every service needs. Waits for Postgres and its schema; the queue may come later. */
export async function openRuntime(
  service: string,
  config: Config,
  databaseUrl = config.database.url,
  { logger, shutdown } = begin(service, config),
): Promise<Runtime> {
  if (databaseUrl === undefined) {
    throw new AppError(
      "database_missing",
      "DATABASE_URL is missing: a service that runs alone needs it. `npm start` runs all services on an embedded Postgres.",
      { expose: true },
    );
  }
  if (config.killPoint !== null)
    logger.warn(config.killPoint, "this process will strike at a kill point");
  armKillPoint(config.killPoint);
  const metrics = createMetrics(service);
  const health = new HealthRegistry((check, { status, reason }) => {
    if (status === "ok") logger.info({ check }, "this works again");
    else logger.warn({ check, reason }, "not ready: this does not work");
  });
  await waitForSchema(databaseUrl, logger);
  const answers = metrics.histogram({
    name: "database_seconds",
    help: "Statements sent to Postgres by themselves, not within a transaction, by how long the answer took.",
  });
  const database = await openDatabase({
    url: databaseUrl,
    poolSize: POOL_SIZE,
    applicationName: `pullwright-${service}`,
    onPoolError: (error) =>
      logger.warn({ reason: error.message }, "a database connection broke"),
    onAnswer: (seconds) => {
      answers.observe(seconds);
    },
  });
  shutdown.add("database", () => database.close());
  const queues = createQueues({
    redisUrl: config.redis.url,
    databaseUrl,
    logger,
    metrics,
  });
  shutdown.add("queue", () => queues.close(QUEUE_CLOSE_MS), {
    deadlineMs: QUEUE_CLOSE_MS + 2_000,
  });
  health.register("postgres", () => database.pool.query("SELECT 1"));
  health.register("queue", () => queues.check());
  return {
    config,
    logger,
    metrics,
    health,
    shutdown,
    databaseUrl,
    database,
    stores: createStores(database),
    queues,
    owner: `${service}@${hostname()}:${process.pid}`,
    announce: async ({ doorbells, live }) => {
      for (const event of live) queues.publish(event);
      await Promise.all(doorbells.map((bell) => ring(queues, bell)));
    },
  };
}

/** Enough for a runner's batches, heartbeats and transitions at once; Postgres counts every one of them. */
const POOL_SIZE = 10;
const QUEUE_CLOSE_MS = 5_000;

function ring(queues: Queues, bell: Doorbell): Promise<unknown> {
  switch (bell.name) {
    case "delivery.received":
      return queues.ring(bell.name, bell.payload);
    case "phase.queued":
      // Its own ring may be gone as well: an insisting one stands for all that wait, and one phase would begin by it.
      return Promise.all([
        queues.ring(bell.name, bell.payload),
        bell.insists === true && queues.insist(bell.payload),
      ]);
    case "effect.due":
      return queues.ring(bell.name, bell.payload);
  }
}

async function waitForSchema(
  databaseUrl: string,
  logger: Logger,
): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const problem = await schemaProblem(databaseUrl);
    if (problem === null) return;
    if (performance.now() - startedAt > BOOT_PATIENCE_MS) throw problem;
    logger.warn({ reason: problem.message }, "waiting for Postgres");
    await sleep(RETRY_MS);
  }
}

/** Null when the schema is ours; an error worth waiting for otherwise. A schema from the future is thrown at once. */
async function schemaProblem(databaseUrl: string): Promise<Error | null> {
  try {
    const pending = await pendingMigrations(databaseUrl);
    return pending.length === 0 ? null : new SchemaTooOld(pending);
  } catch (error) {
    if (error instanceof AppError && error.code === "schema_too_new")
      throw error;
    return new DatabaseAway(error);
  }
}
