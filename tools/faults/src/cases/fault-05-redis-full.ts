import { strict as assert } from "node:assert";
import type { FaultCase } from "../fault-case.js";
import type { Rig } from "../rig/rig.js";
import { gather, onceEach, pause } from "./crowd.js";

/** The memory limit is below what is used already: the next write is refused, as with 3 MB and more keys. */
const outOfMemory: FaultCase = {
  number: 5,
  name: "Redis out of memory",
  backends: ["redis"],
  async run(rig, random) {
    const crowd = await gather(rig, 8);
    await rig.redisCommand("CONFIG", "SET", "maxmemory", "1"); // A byte: one that has just started uses less than a megabyte.
    try {
      rig.ask("adw_plan");
      crowd.release();
      await pause(random.between(2_000, 4_000));
      await outboxHasGrown(rig);
    } finally {
      await rig.redisCommand("CONFIG", "SET", "maxmemory", "0");
    }
    await crowd.complete();
    onceEach(crowd.turns());
    return [
      { service: "webhook-gateway", log: seen("OOM command not allowed") },
    ];
  },
};

/** Its append-only file on an ext4 of 12 MB, on a loop device, that something else has filled. */
const diskFull: FaultCase = {
  number: 5,
  name: "Redis's disk full",
  backends: ["redis"],
  rig: { volumes: { redis: { megabytes: 12 } } },
  async run(rig, random) {
    const crowd = await gather(rig, 8);
    await rig.volume("redis").fill();
    // What fits into the last block is written yet; this does not.
    await rig
      .redisCommand("SET", "ballast", "x".repeat(100_000))
      .catch(() => "");
    await pause(1_500);
    rig.ask("adw_plan");
    crowd.release();
    await pause(random.between(2_000, 4_000));
    await outboxHasGrown(rig);
    await rig.volume("redis").free();
    await crowd.complete();
    onceEach(crowd.turns());
    return [{ service: "webhook-gateway", log: seen("MISCONF") }];
  },
};

/** Of two outages in a row a service tells the second one's end alone. */
const seen = (refusal: string) =>
  new RegExp(`${refusal}|The queue works again`);

/** What no doorbell can tell of waits in Postgres: a row is its own outbox (R1). */
async function outboxHasGrown({ postgres }: Rig): Promise<void> {
  const waiting = await postgres.query(
    "SELECT FROM deliveries WHERE handled_at IS NULL",
  );
  assert(waiting.length > 0, "no delivery waits for Redis");
}

export const redisFull: readonly FaultCase[] = [outOfMemory, diskFull];
