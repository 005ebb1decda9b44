import { AppError, type Logger } from "@pullwright/platform";
import { Queue } from "bullmq";
import { Redis, type RedisOptions } from "ioredis";
import type { Backend } from "../backend.js";
import { OutageLog } from "../outage-log.js";
import { ResilientWorker } from "../resilient-worker.js";
import { workerOptions } from "../worker-options.js";
import { RedisTransport } from "./redis-transport.js";

/** BullMQ needs 6.2 for some commands. */
const MINIMUM_MAJOR = 6;

export interface RedisBackendOptions {
  readonly url: string;
  readonly prefix: string;
  readonly logger: Logger;
  readonly commandTimeoutMs: number;
}

/**
 * BullMQ on Redis. Connections: one for all producers, one for all workers, one blocking one a worker, one for the
 * live events that are heard.
 */
export function createRedisBackend({
  url,
  prefix,
  logger,
  commandTimeoutMs,
}: RedisBackendOptions): Backend {
  const outage = new OutageLog(logger, "Redis");
  const open: Redis[] = [];
  const connect = (options: RedisOptions) => {
    const redis = new Redis(url, { ...common, ...options });
    redis.on("error", (error) => outage.failed(error));
    redis.on("ready", () => outage.worked());
    open.push(redis);
    return redis;
  };
  // Fails at once while Redis is away and soon while it hangs: a ring must not hold up its caller.
  const producer = connect({
    enableOfflineQueue: false,
    commandTimeout: commandTimeoutMs,
    maxRetriesPerRequest: 0,
  });
  let consumer: Redis | undefined;
  // The version is checked by `check`; BullMQ's own check prints to the console and can fail a queue for good.
  const shared = { prefix, skipVersionCheck: true };
  return {
    kind: "redis",
    createQueue: (name) =>
      new Queue(name, {
        ...shared,
        connection: producer,
        skipMetasUpdate: true,
      }),
    createWorker: (name, processor, concurrency) => {
      consumer ??= connect({ maxRetriesPerRequest: null });
      return new ResilientWorker(name, processor, {
        ...shared,
        ...workerOptions,
        concurrency,
        connection: consumer,
      });
    },
    live: new RedisTransport(
      producer,
      () => connect({ maxRetriesPerRequest: null }),
      `${prefix}:live`,
    ),
    check: () => check(producer),
    // A mark that goes with everything else; whoever sets it is the first to ask since.
    wasEmptied: async () =>
      (await producer.set(`${prefix}:mark`, "1", "NX")) === "OK",
    close: () => {
      for (const redis of open) redis.disconnect();
      return Promise.resolve();
    },
  };
}

const common = {
  keepAlive: 10_000,
  connectTimeout: 5_000,
  retryStrategy: (times: number) => Math.min(50 * 2 ** times, 1_000),
  // After a failover the old primary refuses writes until the connection is made anew.
  reconnectOnError: (error: Error) => error.message.startsWith("READONLY"),
} satisfies RedisOptions;

async function check(redis: Redis): Promise<void> {
  let info: string;
  try {
    info = await redis.info();
  } catch (cause) {
    throw new AppError("redis_unavailable", "Redis does not answer.", {
      cause,
      expose: true,
    });
  }
  const field = (name: string) =>
    new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
  const policy = field("maxmemory_policy");
  if (policy !== "noeviction") {
    // Measured: allkeys-lru kept 2 of 200 jobs and reported no error.
    const message = `Redis has maxmemory-policy ${policy}, which drops jobs silently: set it to noeviction.`;
    throw new AppError("redis_evicts", message, { expose: true });
  }
  const version = field("redis_version");
  if (Number.parseInt(version, 10) < MINIMUM_MAJOR) {
    throw new AppError(
      "redis_too_old",
      `Redis ${version} is too old: use 6.2 or newer.`,
      { expose: true },
    );
  }
}
