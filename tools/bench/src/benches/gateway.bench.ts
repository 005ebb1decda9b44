import { Redis } from "ioredis";
import type { Bench, Row } from "../bench.js";
import { typicalPayloads } from "../load/payloads.js";
import { saturate, type Throughput } from "../load/saturate.js";
import { interleave } from "../measure/rounds.js";
import { median } from "../measure/statistics.js";
import { startChild, type Child } from "../stage/child.js";
import { startGateway } from "../stage/gateway.js";

const SECRET = "the secret of the bench";

/** Like `deliveries` in every column and index but the payload's type, which has its usual compression. */
const bareTables = `
  CREATE TABLE bare_text (LIKE deliveries INCLUDING ALL);
  CREATE TABLE bare_jsonb (LIKE deliveries INCLUDING ALL);
  ALTER TABLE bare_jsonb ALTER COLUMN payload TYPE jsonb USING payload::jsonb, ALTER COLUMN payload SET COMPRESSION default;
`;

/** Webhook to committed row and job: signature, parse, insert, enqueue, with every connection busy. */
export const gatewayBench: Bench = {
  name: "gateway",
  needsRedis: true,
  async measure(stage, { short, rounds }): Promise<Row[]> {
    const redisUrl = stage.redisUrl ?? "";
    const databaseUrl = await stage.database();
    const pool = stage.pool(databaseUrl);
    const redis = new Redis(redisUrl);
    await pool.query(bareTables);
    const shared = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl };
    const bare = (table: string) =>
      startChild(stage, "bare-gateway", { ...shared, SECRET, TABLE: table });
    const servers = {
      text: await bare("bare_text"),
      jsonb: await bare("bare_jsonb"),
      ours: await startGateway(stage, shared, SECRET),
    };
    const payloads = typicalPayloads(SECRET);
    const load = {
      connections: 32,
      warmUpMs: short ? 500 : 1_000,
      measureMs: short ? 2_000 : 5_000,
    };
    const loads = new Map<Child, Throughput[]>();
    const press = async (server: Child): Promise<number> => {
      // Every round starts with empty tables and an empty queue.
      await pool.query("TRUNCATE deliveries, bare_text, bare_jsonb");
      await stage.checkpoint();
      await removeKeys(redis, ["pullwright:", "bare_text:", "bare_jsonb:"]);
      const { url } = server.ready as { url: string };
      const throughput = await saturate(url, payloads, load);
      loads.set(server, [...(loads.get(server) ?? []), throughput]);
      return throughput.perSecond;
    };
    const taken = await interleave(rounds, {
      text: () => press(servers.text),
      ours: () => press(servers.ours),
      jsonb: () => press(servers.jsonb),
    });
    await Promise.all(Object.values(servers).map((server) => server.end()));
    redis.disconnect();
    const row = (what: string, peer: "text" | "jsonb", name: string) => ({
      what,
      against: { name, value: taken.value(peer) },
      ours: taken.value("ours"),
      unit: "req/s",
      ratio: taken.ratio("ours", peer),
    });
    const p99Ms = (server: Child) =>
      median((loads.get(server) ?? []).map((one) => one.p99Ms));
    const [ours, bareText] = [p99Ms(servers.ours), p99Ms(servers.text)];
    return [
      {
        ...row(
          "gateway, full path of an 18.6 KB webhook",
          "text",
          "bare node:http, the same",
        ),
        target: { ratioAtLeast: 0.85 },
      },
      {
        ...row(
          "gateway, full path of an 18.6 KB webhook",
          "jsonb",
          "bare node:http that stores jsonb",
        ),
        target: { ratioAtLeast: 1.25 },
      },
      {
        what: "gateway, p99 at saturation",
        against: { name: "bare node:http, the same", value: bareText },
        ours,
        unit: "ms",
        ratio: ours / bareText,
        target: { valueAtMost: 50 },
      },
    ];
  },
};

/** Removes what the rounds left, and nothing else that a given Redis may hold. */
async function removeKeys(
  redis: Redis,
  prefixes: readonly string[],
): Promise<void> {
  for (const prefix of prefixes) {
    for await (const keys of redis.scanStream({
      match: `${prefix}*`,
      count: 5_000,
    }) as AsyncIterable<string[]>)
      if (keys.length > 0) await redis.unlink(...keys);
  }
}
