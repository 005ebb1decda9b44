import { pendingMigrations, SchemaTooNew } from "@pullwright/persistence";
import { createSilentLogger, messageOf } from "@pullwright/platform";
import { createQueues } from "@pullwright/queue";
import { fail, ok, warn, type Check } from "./check.js";

const CLOSE_MS = 1_000;

export const checkPostgres: Check = async ({ config }) => {
  const { url, embeddedDir } = config.database;
  if (url === undefined)
    return [ok("postgres", `Embedded, its data in ${embeddedDir}`)];
  try {
    const pending = await pendingMigrations(url);
    if (pending.length === 0)
      return [ok("postgres", "Reached; schema up to date")];
    return [
      warn(
        "postgres",
        `Reached; the schema lacks ${pending.length.toString()} migrations.`,
        "`npm start` runs them; in a deployment run the migration step first.",
      ),
    ];
  } catch (error) {
    if (error instanceof SchemaTooNew)
      return [fail("postgres", error.message, "Start the newer version.")];
    return [
      fail(
        "postgres",
        `Not reached: ${messageOf(error)}`,
        "Start Postgres and check DATABASE_URL, or unset it for an embedded one.",
      ),
    ];
  }
};

export const checkQueue: Check = async ({ config }) => {
  const { url } = config.redis;
  if (url === undefined) return [ok("queue", "On Postgres; no Redis needed")];
  const queues = createQueues({ redisUrl: url, logger: createSilentLogger() });
  try {
    await queues.check();
    return [ok("queue", "Redis reached; it evicts nothing")];
  } catch (error) {
    return [
      fail(
        "queue",
        messageOf(error),
        "Start Redis with `maxmemory-policy noeviction` and check REDIS_URL, or unset it to use Postgres.",
      ),
    ];
  } finally {
    await queues.close(CLOSE_MS);
  }
};
