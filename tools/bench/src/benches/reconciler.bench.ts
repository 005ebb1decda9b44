import {
  defaultTiming,
  emptiedQueueStep,
  reconcilerSteps,
  type StepParts,
} from "@pullwright/orchestrator";
import { loadConfig } from "@pullwright/platform";
import { openRuntime, type Runtime } from "@pullwright/runtime";
import type pg from "pg";
import type { Bench, Row } from "../bench.js";
import { median, percentile } from "../measure/statistics.js";
import { manyRuns } from "../stage/many-runs.js";

const LIVE_RUNS = 1_000;

/** What it costs to look after many runs, once a second, when there is nothing to do. */
export const reconcilerBench: Bench = {
  name: "reconciler",
  needsRedis: false,
  async measure(stage, { short }): Promise<Row[]> {
    const finishedRuns = short ? 10_000 : 100_000;
    const databaseUrl = await stage.database();
    const runtime = await openRuntime(
      "bench-reconciler",
      loadConfig({
        DATABASE_URL: databaseUrl,
        ...(stage.redisUrl === null ? {} : { REDIS_URL: stage.redisUrl }),
        LOG_LEVEL: "warn",
      }),
    );
    const pool: pg.Pool = stage.pool(databaseUrl);
    await manyRuns(pool, runtime.stores, {
      finished: finishedRuns,
      live: LIVE_RUNS,
    });
    await runtime.queues.wasEmptied(); // Nobody has asked this Redis before; from here on it has lost nothing.
    const steps = everyTick(runtime);
    const ticks: number[] = [];
    for (let tick = 0; tick < (short ? 20 : 60); tick += 1) {
      const startedAt = performance.now();
      for (const { run } of steps) await run(new AbortController().signal);
      ticks.push(performance.now() - startedAt);
    }
    await runtime.shutdown.run("the bench ends");
    const what = `reconciler, a tick over ${LIVE_RUNS.toLocaleString("en-US")} live and ${finishedRuns.toLocaleString("en-US")} finished runs`;
    const plain = { against: null, unit: "ms", ratio: null };
    return [
      {
        ...plain,
        what: `${what}, p50`,
        ours: median(ticks),
        target: { valueAtMost: 50 },
      },
      {
        ...plain,
        what: `${what}, p95`,
        ours: percentile(ticks, 95),
        target: null,
      },
    ];
  },
};

/** The steps of the product that run at every tick, one after the other. */
function everyTick(runtime: Runtime) {
  const timing = defaultTiming.reconciler;
  const parts = {
    ...runtime,
    announce: (news: Parameters<Runtime["announce"]>[0]) =>
      runtime.announce(news),
    defaultAgent: runtime.config.agents.default,
    timing,
    comparison: { nextPage: () => Promise.resolve() },
  } satisfies StepParts;
  return reconcilerSteps(parts)
    .concat(
      emptiedQueueStep({
        queues: runtime.queues,
        reconciliation: runtime.stores.reconciliation,
        everyMs: timing.tickMs,
        logger: runtime.logger,
      }),
    )
    .filter(({ everyMs }) => everyMs === timing.tickMs);
}
