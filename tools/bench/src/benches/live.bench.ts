import { loadConfig, sleep, withTimeout } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import type { Bench, Row } from "../bench.js";
import {
  BATCH_LINES,
  batchEvent,
  batchFrame,
  seqBefore,
} from "../live/batch.js";
import { interleave } from "../measure/rounds.js";
import { aRun } from "../stage/a-run.js";
import { startChild, type Child } from "../stage/child.js";

const SUBSCRIBERS = 500;
/** Batches under way at once: enough to keep everybody busy, few enough that nobody falls behind. */
const WINDOW = 8;
/** Who has just come looks into the table first. */
const SETTLE_MS = 1_000;
const STALLED_AFTER_MS = 30_000;
const KEY = "pw_bench_key_of_no_other_use_0123456789";

/** A run's live log, followed by many. */
export const liveBench: Bench = {
  name: "live",
  needsRedis: true,
  async measure(stage, { short, rounds }): Promise<Row[]> {
    const batches = short ? 300 : 1_000;
    const environment = {
      DATABASE_URL: await stage.database(),
      REDIS_URL: stage.redisUrl ?? "",
      LOG_LEVEL: "warn",
    };
    const runtime = await openRuntime("bench-live", loadConfig(environment));
    const run = await aRun(runtime.stores);
    const api = await startChild(stage, "api", {
      ...environment,
      GITHUB_TOKEN: "none-is-needed",
      PULLWRIGHT_API_KEY: KEY,
      HOST: "127.0.0.1",
      PORT: "0",
    });
    const bare = await startChild(stage, "bare-streams", {});
    const subscribers = await startChild(stage, "subscribers", {});
    const urlOf = (child: Child) => (child.ready as { url: string }).url;

    const deliver = async (
      url: string,
      headers: string,
      send: (index: number) => void,
    ): Promise<number> => {
      await subscribers.ask({ connect: SUBSCRIBERS, url, headers });
      await sleep(SETTLE_MS);
      const bytesPerBatch = batchFrame(0).length * SUBSCRIBERS;
      const startedAt = performance.now();
      let sent = 0;
      for (let arrived = 1; arrived <= batches; arrived += 1) {
        for (; sent < batches && sent - arrived < WINDOW; sent += 1) send(sent);
        await withTimeout(
          subscribers.ask({ until: arrived * bytesPerBatch }),
          STALLED_AFTER_MS,
          `Batch ${arrived.toString()}`,
        );
      }
      const seconds = (performance.now() - startedAt) / 1000;
      return (batches * BATCH_LINES * SUBSCRIBERS) / seconds;
    };
    const floor = () =>
      deliver(urlOf(bare), "", (batch) => bare.tell({ batch }));
    // Nothing is in the table: readers begin where the first batch follows, and hear it all live.
    const stream = `${urlOf(api)}/api/workflows/${run.adwId}/logs/stream?after=${seqBefore(0).toString()}`;
    const ours = () =>
      deliver(stream, `Authorization: Bearer ${KEY}\r\n`, (batch) =>
        runtime.queues.publish(batchEvent(run, batch)),
      );
    await floor();
    await ours();
    const taken = await interleave(rounds, { floor, ours });
    await Promise.all([api, bare, subscribers].map((child) => child.end()));
    await runtime.shutdown.run("the bench ends");
    return [
      {
        what: `live log lines to ${SUBSCRIBERS.toString()} subscribers`,
        against: {
          name: "one shared buffer to bare responses",
          value: taken.value("floor"),
        },
        ours: taken.value("ours"),
        unit: "lines/s",
        ratio: taken.ratio("ours", "floor"),
        target: { ratioAtLeast: 0.5 },
      },
    ];
  },
};
