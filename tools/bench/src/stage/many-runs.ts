import type { Stores } from "@pullwright/persistence";
import type pg from "pg";
import { aClaimedPhase } from "./a-run.js";

/** Columns that no two runs share. */
const ownOfRun =
  "jsonb_build_object('id', gen_random_uuid(), 'adw_id', left(md5(random()::text || w.issue_number), 16), 'cause', 'copy:' || w.issue_number, 'work_item_id', w.id)";
const ended = `'{"status": "completed", "outcome": "pull_request"}'::jsonb || jsonb_build_object('completed_at', now())`;

/** Fills the tables with copies of one run that works: so many that are finished, so many that go on. */
export async function manyRuns(
  pool: pg.Pool,
  stores: Stores,
  { finished, live }: { readonly finished: number; readonly live: number },
): Promise<void> {
  const { run } = await aClaimedPhase(stores);
  const copies = async (count: number, from: number, change: string) => {
    await pool.query(
      `WITH items AS (
         INSERT INTO work_items (repository_id, issue_number, title, body, labels)
         SELECT repository_id, 1000000 + n, title, body, labels FROM work_items, generate_series($2::int + 1, $2::int + $3::int) AS n WHERE id = $4
         RETURNING id, issue_number),
       runs AS (
         INSERT INTO workflow_runs
         SELECT (jsonb_populate_record(r, ${ownOfRun} || ${change} || jsonb_build_object('issue_number', w.issue_number))).*
           FROM workflow_runs r, items w WHERE r.id = $1
         RETURNING id, status, repository_id, issue_number),
       phases AS (
         INSERT INTO phase_runs
         SELECT (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'workflow_run_id', runs.id, 'rung_at', now())
                 || CASE WHEN runs.status = 'completed' THEN '{"status": "succeeded", "owner": null, "lease_until": null}'::jsonb ELSE '{}' END)).*
           FROM phase_runs p, runs WHERE p.workflow_run_id = $1)
       INSERT INTO effects (workflow_run_id, repository_id, issue_number, kind, target, status, desired_rev, applied_rev, rung_at)
       SELECT id, repository_id, issue_number, k.kind, 'run:' || id || ':' || k.kind, 'done', 3, 3, now()
         FROM runs, unnest('{status_comment,labels,commit_status,pull_request}'::text[]) AS k(kind)`,
      [run.id, from, count, run.workItemId],
    );
    await pool.query(
      `INSERT INTO deliveries (source, guid, event, payload, rung_at, handled_at, verdict)
       SELECT 'webhook', 'copy-' || n, 'issues', '{}', now(), now(), 'started' FROM generate_series($1::int + 1, $1::int + $2::int) AS n`,
      [from, count],
    );
  };
  const BATCH = 5_000;
  for (let made = 0; made < finished; made += BATCH)
    await copies(Math.min(BATCH, finished - made), made, ended);
  await copies(live, finished, "'{}'::jsonb");
  await pool.query("ANALYZE");
}
