import {
  atTheDoor,
  DatabaseUnavailable,
  migrate,
} from "@pullwright/persistence";
import {
  startEmbeddedPostgres,
  type Config,
  type EmbeddedPostgres,
} from "@pullwright/platform";
import { migrateQueueSchema } from "@pullwright/queue";
import { DatabaseAway } from "./database-away.js";

export interface PreparedDatabase {
  readonly url: string;
  /** Null when the environment named a database. */
  readonly embedded: EmbeddedPostgres | null;
}

/**
 * Brings the database of the embedded mode: the one that the environment names, or a Postgres of our own below the
 * work folder, in either case with the schema up to date.
 */
export async function prepareDatabase(
  config: Config,
  onLog: (message: string) => void,
): Promise<PreparedDatabase> {
  const embedded =
    config.database.url === undefined
      ? await startEmbeddedPostgres({
          dataDir: config.database.embeddedDir,
          onLog,
        })
      : null;
  const url = config.database.url ?? embedded?.url ?? "";
  try {
    await migrateDatabase(config, url);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  return { url, embedded };
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
