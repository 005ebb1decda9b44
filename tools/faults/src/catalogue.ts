import type { FaultCase } from "./fault-case.js";
import { redisWiped } from "./cases/fault-01-redis-wiped.js";

/** Every case, by number. */
export const catalogue: readonly FaultCase[] = [redisWiped];
