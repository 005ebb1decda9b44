import { loadConfig } from "@pullwright/platform";
import { openRuntime, type Runtime } from "@pullwright/runtime";
import { startApi } from "@pullwright/api";
import type { LoadedRun } from "@pullwright/persistence";
import type pg from "pg";
import type { Bench, Row } from "../bench.js";
import { interleave } from "../measure/rounds.js";
import { median } from "../measure/statistics.js";
import { aRun } from "../stage/a-run.js";

const PAGE = 500;
const KEY = "pw_bench_key_of_no_other_use_0123456789";

/** A page of a long log, at any depth. */
export const logPageBench: Bench = {
  name: "log-page",
  needsRedis: false,
  async measure(stage, { short, rounds }): Promise<Row[]> {
    const total = short ? 200_000 : 5_000_000;
    const databaseUrl = await stage.database();
    const runtime = await openRuntime(
      "bench-pages",
      loadConfig({
        DATABASE_URL: databaseUrl,
        ...(stage.redisUrl === null ? {} : { REDIS_URL: stage.redisUrl }),
        GITHUB_TOKEN: "none-is-needed",
        PULLWRIGHT_API_KEY: KEY,
        HOST: "127.0.0.1",
        PORT: "0",
        LOG_LEVEL: "warn",
      }),
    );
    const run = await aRun(runtime.stores);
    const pool = stage.pool(databaseUrl);
    await fill(pool, run, total);
    const api = await startApi(runtime, { limits: { requests: 1_000_000 } });
    const repeats = short ? 60 : 200;
    const depths = { first: 0, middle: total / 2, last: total - 2 * PAGE };
    const raw = rawPage(pool, run, await dayOf(pool, run));
    const timed = (after: number, page: (after: number) => Promise<number>) =>
      medianMs(repeats, after, page);
    const stored = storePage(runtime, run);
    const served = apiPage(api.url, run);
    const rows: Row[] = [];
    for (const [depth, after] of Object.entries(depths)) {
      const taken = await interleave(rounds, {
        raw: () => timed(after, raw),
        ours: () => timed(after, stored),
        api: () => timed(after, served),
      });
      const against = {
        name: "the raw keyset query",
        value: taken.value("raw"),
      };
      const what = `log page of ${PAGE.toString()} at ${(total / 1e6).toString()} million rows, ${depth} page`;
      rows.push({
        what,
        against,
        ours: taken.value("ours"),
        unit: "ms",
        ratio: taken.ratio("ours", "raw"),
        target: { ratioAtMost: 1.5 },
      });
      if (depth !== "last") continue;
      rows.push({
        what: `${what}, over HTTP`,
        against,
        ours: taken.value("api"),
        unit: "ms",
        ratio: taken.ratio("api", "raw"),
        target: null,
      });
    }
    const flat = await interleave(rounds, {
      first: () => timed(depths.first, stored),
      last: () => timed(depths.last, stored),
    });
    rows.push({
      what: "log page, flat with depth",
      against: { name: "our first page", value: flat.value("first") },
      ours: flat.value("last"),
      unit: "ms",
      ratio: flat.ratio("last", "first"),
      target: { ratioAtMost: 1.3 },
    });
    await runtime.shutdown.run("the bench ends");
    return rows;
  },
};

async function fill(
  pool: pg.Pool,
  run: LoadedRun,
  total: number,
): Promise<void> {
  const phaseId = run.phaseRows[0]?.id;
  await pool.query(
    `INSERT INTO workflow_logs (run_day, workflow_run_id, seq, phase_run_id, "timestamp", level, message)
     SELECT h.run_day, $1, n, $2, now(), 'INFO', '[' || n || '] compiled src/feature/component-' || n % 997 || '.ts in ' || n % 91 || ' ms, 0 errors, 2 warnings'
       FROM log_heads h, generate_series(1, $3::int) AS n WHERE h.workflow_run_id = $1`,
    [run.id, phaseId, total],
  );
  await pool.query(
    "UPDATE log_heads SET next_seq = $2 WHERE workflow_run_id = $1",
    [run.id, total + 1],
  );
  await pool.query("VACUUM ANALYZE workflow_logs");
}

async function dayOf(pool: pg.Pool, run: LoadedRun): Promise<string> {
  const { rows } = await pool.query<{ day: string }>(
    "SELECT run_day::text AS day FROM log_heads WHERE workflow_run_id = $1",
    [run.id],
  );
  return rows[0]?.day ?? "";
}

function rawPage(pool: pg.Pool, run: LoadedRun, day: string) {
  const statement = {
    name: "raw",
    text: `SELECT seq, "timestamp", level, message, context FROM workflow_logs
            WHERE run_day = $1 AND workflow_run_id = $2 AND seq > $3 ORDER BY seq LIMIT $4`,
  };
  return async (after: number): Promise<number> => {
    const values = [day, run.id, after, PAGE];
    return (await pool.query({ ...statement, values })).rows.length;
  };
}

function storePage({ stores }: Runtime, run: LoadedRun) {
  return async (after: number): Promise<number> =>
    (await stores.logs.page(run.id, { after, limit: PAGE })).length;
}

function apiPage(url: string, run: LoadedRun) {
  return async (after: number): Promise<number> => {
    const answer = await fetch(
      `${url}/api/workflows/${run.adwId}/logs?after=${after.toString()}&limit=${PAGE.toString()}`,
      { headers: { authorization: `Bearer ${KEY}` } },
    );
    if (!answer.ok) throw new Error(await answer.text());
    const page = (await answer.json()) as { entries: unknown[] }; // The contract's shape.
    return page.entries.length;
  };
}

/** Pages near a place, each another one, as a reader who scrolls would ask for them. */
async function medianMs(
  repeats: number,
  after: number,
  page: (after: number) => Promise<number>,
): Promise<number> {
  const tookMs: number[] = [];
  for (let turn = 0; turn < repeats; turn += 1) {
    const startedAt = performance.now();
    const lines = await page(after + turn);
    tookMs.push(performance.now() - startedAt);
    if (lines !== PAGE) throw new Error(`A page of ${lines.toString()} lines.`);
  }
  return median(tookMs);
}
