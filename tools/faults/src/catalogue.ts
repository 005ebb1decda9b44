import { redisWiped } from "./cases/fault-01-redis-wiped.js";
import { redisCrash } from "./cases/fault-02-redis-crash.js";
import { redisAbsent } from "./cases/fault-03-redis-absent.js";
import { redisHung } from "./cases/fault-04-redis-hung.js";
import { redisFull } from "./cases/fault-05-redis-full.js";
import { evictionPolicy } from "./cases/fault-06-eviction-policy.js";
import { connectionChurn } from "./cases/fault-07-connection-churn.js";
import { postgresCrash } from "./cases/fault-08-postgres-crash.js";
import { postgresDown } from "./cases/fault-09-postgres-down.js";
import { postgresHung } from "./cases/fault-10-postgres-hung.js";
import { postgresDiskFull } from "./cases/fault-11-postgres-disk-full.js";
import type { FaultCase } from "./fault-case.js";

/** Every case, by number. */
export const catalogue: readonly FaultCase[] = [
  redisWiped,
  ...redisCrash,
  redisAbsent,
  redisHung,
  ...redisFull,
  evictionPolicy,
  connectionChurn,
  postgresCrash,
  postgresDown,
  postgresHung,
  postgresDiskFull,
];
