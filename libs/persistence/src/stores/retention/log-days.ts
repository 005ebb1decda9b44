import { codeOf } from "@pullwright/platform";
import type { Database, Statement } from "../../database.js";
import { isOpen } from "../latest-first.js";
import { cutoff, type Outdated } from "./outdated.js";

/** Who writes or reads logs waits for a drop, and the drop waits for them: this long at most, then it is put off. */
const LOCK_TIMEOUT = "200ms";
const LOCK_NOT_AVAILABLE = "55P03";

const isOf = (day: string): string => {
  const begin = (date: string) => `((${date})::timestamp AT TIME ZONE 'utc')`;
  return `r.created_at >= ${begin(day)} AND r.created_at < ${begin(`${day} + 1`)}`;
};

/**
 * Whole days whose runs have all ended as long ago: what a run did last stands with the day on which it was made. There is an
 * index of open runs, and one of the moments at which runs were made.
 */
const outdated: Statement = {
  name: "retention_log_days",
  text: `
  WITH partitions AS MATERIALIZED (
    SELECT c.relname::text AS name, to_date(right(c.relname::text, 8), 'YYYYMMDD') AS day
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'workflow_logs'::regclass AND c.relname ~ '^workflow_logs_\\d{8}$'
  )
  SELECT name FROM partitions
   WHERE day < (now() AT TIME ZONE 'utc')::date - $1::int
     AND NOT EXISTS (SELECT 1 FROM workflow_runs r WHERE ${isOpen("r")} AND r.run_day = day)
     AND NOT EXISTS (SELECT 1 FROM workflow_runs r WHERE ${isOf("day")} AND r.completed_at >= ${cutoff})
   ORDER BY day`,
};

/** Logs by the day: a partition goes at once, whatever its size. */
export const logDays: Outdated = {
  name: "log_days",
  table: "workflow_logs",
  keptFor: "logDays",

  count: async (database, days) => (await find(database, days)).length,

  removeSome: async (database, days, from) => {
    const name = (await find(database, days)).find((day) => day > from);
    if (name === undefined) return { removed: 0, next: null };
    const removed = (await drop(database, name)) ? 1 : 0;
    return { removed, next: name };
  },
};

async function find(database: Database, days: number): Promise<string[]> {
  const rows = await database.query<{ name: string }>(outdated, [days]);
  return rows.map(({ name }) => name);
}

async function drop(database: Database, name: string): Promise<boolean> {
  try {
    await database.transaction(async (client) => {
      await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
      await client.query(`DROP TABLE IF EXISTS "${name}"`); // Its name came from the catalog and has the shape asked for above.
    });
    return true;
  } catch (error) {
    const { cause } = error as Error;
    if (codeOf(cause) === LOCK_NOT_AVAILABLE) return false;
    throw error;
  }
}
