import type { Database, Executor, Statement } from "../database.js";
import { valuesOf, type DoneBy } from "./audit-note.js";
import { inTransaction } from "./in-transaction.js";

/**
 * A run that is being made has its work item's row: whoever removes another run of it waits here, and sees the new one in the
 * statement after this. In the order of their ids, so that two that remove never wait for each other in a ring.
 */
const lockWorkItems: Statement = {
  name: "runs_lock_work_items",
  text: `
  SELECT id FROM work_items WHERE id IN (SELECT work_item_id FROM workflow_runs WHERE id = ANY($1::uuid[]))
   ORDER BY id FOR UPDATE`,
};

/**
 * Their history stays, and the entries of their deletion tell what they were called. A work item without any run is only
 * its number: the text is forgotten.
 */
const remove: Statement = {
  name: "runs_remove",
  text: `
  WITH gone AS (DELETE FROM workflow_runs WHERE id = ANY($1::uuid[]) AND status IN ('completed', 'failed', 'cancelled')
                RETURNING id, run_day, adw_id, repository_id, work_item_id, issue_number, status),
       forgotten AS (
         UPDATE work_items w SET title = '', body = '', labels = '{}', author = NULL, comments = '[]'
           FROM gone
          WHERE w.id = gone.work_item_id
            AND NOT EXISTS (SELECT 1 FROM workflow_runs o WHERE o.work_item_id = w.id AND o.id NOT IN (SELECT id FROM gone))
       ),
       noted AS (
         INSERT INTO audit_events (actor, source, origin, action, repository_id, repository_full_name, workflow_run_id, adw_id, details)
         SELECT $2, $3, $4, 'run.deleted', p.id, p.owner || '/' || p.name, gone.id, gone.adw_id,
                jsonb_build_object('issue_number', gone.issue_number, 'status', gone.status)
           FROM gone JOIN repositories p ON p.id = gone.repository_id
       )
  SELECT id, run_day::text AS "runDay" FROM gone`,
};

/**
 * One run's, by the beginning of their key. A join with the runs that are gone names no day when it is planned: for twenty runs
 * it read every line there is.
 */
const removeLines: Statement = {
  name: "runs_remove_lines",
  text: "DELETE FROM workflow_logs WHERE run_day = $1 AND workflow_run_id = $2 AND seq >= $3 AND seq < $4",
};

const linesOf: Statement = {
  name: "runs_lines",
  text: `SELECT min(seq)::float8 AS first, max(seq)::float8 AS last FROM workflow_logs WHERE run_day = $1 AND workflow_run_id = $2`,
};

/** One statement's: half a second or so, where millions at once would be too long for any. */
const LINES_AT_ONCE = 100_000;

interface Gone {
  readonly id: string;
  readonly runDay: string;
}

/** Removes ended runs with all that belongs to them, and notes it; how many there were. */
export async function removeRuns(
  database: Database,
  runIds: readonly string[],
  by: DoneBy,
): Promise<number> {
  return database.transaction(async (client) => {
    const executor = inTransaction(client);
    await executor.query(lockWorkItems, [[...runIds]]);
    const values = [[...runIds], ...valuesOf(by)];
    const gone = await executor.query<Gone>(remove, values);
    for (const run of gone) await removeLinesOf(executor, run);
    return gone.length;
  });
}

async function removeLinesOf(
  executor: Executor,
  { id, runDay }: Gone,
): Promise<void> {
  const [lines] = await executor.query<{
    first: number | null;
    last: number | null;
  }>(linesOf, [runDay, id]);
  const { first = null, last = null } = lines ?? {};
  if (first === null || last === null) return;
  for (let from = first; from <= last; from += LINES_AT_ONCE)
    await executor.query(removeLines, [runDay, id, from, from + LINES_AT_ONCE]);
}
