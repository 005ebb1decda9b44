import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import { ensureLogPartitions } from "./log-partitions.js";
import { removeRuns } from "./remove-runs.js";

const DAY_MS = 86_400_000;
const LINES = 50;
/** Of other runs of the same day, so that reading a whole day is the wrong thing. */
const OTHER_RUNS = 20;

let sut: StoresUnderTest;
beforeEach(async () => {
  sut = await storesOnAClone();
});
afterEach(() => sut.close());

/** An ended run among others of its day, each with its lines; the id. */
async function endedRun(daysAgo: number): Promise<string> {
  const { id } = await sut.createRun();
  const { pool } = sut.database;
  const { rows } = await pool.query<{ day: string }>(
    `UPDATE workflow_runs SET status = 'completed', completed_at = now(), run_day = (now() AT TIME ZONE 'utc')::date - $2::int
      WHERE id = $1 RETURNING run_day::text AS day`,
    [id, daysAgo],
  );
  await pool.query(
    `INSERT INTO workflow_logs (run_day, workflow_run_id, seq, level, message)
     SELECT $1, run, seq, 'INFO', 'a line' FROM generate_series(1, ${LINES}) AS seq,
            (SELECT $2::uuid UNION ALL SELECT gen_random_uuid() FROM generate_series(1, ${OTHER_RUNS})) AS runs(run)`,
    [rows[0]?.day, id],
  );
  return id;
}

interface Counted {
  readonly removed: number;
  readonly read: number;
}

/** Lines that were read although no key led to them, once Postgres has told of so many removals. */
async function readFromTheBeginning(removals: number): Promise<Counted> {
  let told: Counted = { removed: 0, read: 0 };
  await until(async () => {
    const { rows } = await sut.database.pool.query<Counted>(
      `SELECT sum(n_tup_del)::int AS removed, sum(seq_tup_read)::int AS read FROM pg_stat_user_tables
        WHERE relname LIKE 'workflow\\_logs%'`,
    );
    told = rows[0] ?? told;
    return told.removed >= removals;
  }, "all removals are counted");
  return told;
}

it("takes the lines of the runs by their key, whatever else their days and all others have", async () => {
  const days = [3, 4, 5, 40];
  // Of the last nothing is kept apart: its lines are among those of no day of their own.
  for (const daysAgo of days.slice(0, -1))
    await ensureLogPartitions(
      sut.database,
      new Date(Date.now() - daysAgo * DAY_MS),
    );
  const ids: string[] = [];
  while (ids.length < 20)
    for (const daysAgo of days) ids.push(await endedRun(daysAgo));
  const kept = await endedRun(4);
  await sut.database.pool.query("ANALYZE");
  const by = { actor: "spec", source: "retention" } as const;
  expect(await removeRuns(sut.database, ids, by)).toBe(ids.length);
  const removed = ids.length * LINES;
  expect(await readFromTheBeginning(removed)).toEqual({ removed, read: 0 });
  const { rows } = await sut.database.pool.query<{ lines: number }>(
    "SELECT count(*)::int AS lines FROM workflow_logs WHERE workflow_run_id = ANY($1::uuid[])",
    [[...ids, kept]],
  );
  expect(rows).toEqual([{ lines: LINES }]);
});

it("takes all lines of a run that has printed more than one statement removes", async () => {
  const id = await endedRun(0);
  const { pool } = sut.database;
  await pool.query(
    `INSERT INTO workflow_logs (run_day, workflow_run_id, seq, level, message)
     SELECT run_day, id, seq, 'INFO', '' FROM workflow_runs, unnest('{100000, 100001, 100050, 350000}'::bigint[]) AS seq WHERE id = $1`,
    [id],
  );
  const by = { actor: "spec", source: "retention" } as const;
  expect(await removeRuns(sut.database, [id], by)).toBe(1);
  const { rows } = await pool.query<{ lines: number; others: number }>(
    `SELECT count(*) FILTER (WHERE workflow_run_id = $1)::int AS lines, count(*) FILTER (WHERE workflow_run_id <> $1)::int AS others FROM workflow_logs`,
    [id],
  );
  expect(rows).toEqual([{ lines: 0, others: LINES * OTHER_RUNS }]);
});
