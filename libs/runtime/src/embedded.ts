import {
  atTheDoor,
  DatabaseUnavailable,
  migrate,
} from "@pullwright/persistence";
import {
  startEmbeddedPostgres,
  type Config,
  type Shutdown,
} from "@pullwright/platform";
import { migrateQueueSchema } from "@pullwright/queue";
import { DatabaseAway } from "./database-away.js";

/** A Postgres that is told to end while it starts, starts first; its cluster may have to be made. */
const STOP_MS = 30_000;

/**
 * Brings the database of the embedded mode: the one that the environment names, or a Postgres of our own below the
 * work folder, in either case with the schema up to date. Ours stops with the process, whenever that is told to end.
 *
 * @returns its address.
 */
export async function prepareDatabase(
  config: Config,
  shutdown: Shutdown,
  onLog: (message: string) => void,
): Promise<string> {
  const url = config.database.url ?? (await startOwn(config, shutdown, onLog));
  await migrateDatabase(config, url);
  return url;
}

async function startOwn(
  { database }: Config,
  shutdown: Shutdown,
  onLog: (message: string) => void,
): Promise<string> {
  const dataDir = database.embeddedDir;
  const starting = startEmbeddedPostgres({ dataDir, onLog });
  const stop = () =>
    starting.then(
      (postgres) => postgres.stop(),
      () => undefined, // It did not start; whoever waits for it says why.
    );
  // Before it runs: a signal may come at any moment from here on.
  shutdown.add("embedded postgres", stop, { deadlineMs: STOP_MS });
  const { url } = await starting;
  shutdown.signal.throwIfAborted();
  return url;
}

/** All tables that the services need, the queue's included where it lives in Postgres. */
export async function migrateDatabase(
  config: Config,
  url: string,
): Promise<readonly string[]> {
  try {
    const done = await migrate(url);
    if (config.redis.url === undefined) await migrateQueueSchema(url);
    return done;
  } catch (error) {
    throw atTheDoor(error) instanceof DatabaseUnavailable
      ? new DatabaseAway(error)
      : error;
  }
}
