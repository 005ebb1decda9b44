import { pendingMigrations, SchemaTooNew } from "@pullwright/persistence";
import {
  codeOf,
  createSilentLogger,
  messageOf,
  sleep,
} from "@pullwright/platform";
import { createQueues, type Queues } from "@pullwright/queue";
import { fail, ok, warn, type Check } from "./check.js";

const CLOSE_MS = 1_000;
const CONNECT_MS = 3_000;
const AGAIN_MS = 50;

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
    await checkOnceConnected(queues);
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

/** A queue that was opened just now has no connection yet, and says that Redis does not answer. */
async function checkOnceConnected(queues: Queues): Promise<void> {
  const deadline = performance.now() + CONNECT_MS;
  for (;;)
    try {
      await queues.check();
      return;
    } catch (error) {
      const isAway = codeOf(error) === "redis_unavailable";
      if (!isAway || performance.now() > deadline) throw error;
      await sleep(AGAIN_MS);
    }
}
