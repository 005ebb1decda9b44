import type { Database } from "../../database.js";
import { isOpen } from "../latest-first.js";
import { cutoff, type Outdated } from "./outdated.js";

const BATCH = 1_000;

/** The one permission that the tables' triggers know; it ends with the transaction. */
const PERMIT = "SET LOCAL pullwright.retention = 'on'";

const ofOpenRun = `EXISTS (SELECT 1 FROM workflow_runs r WHERE r.id = e.workflow_run_id AND ${isOpen("r")})`;

/** A cause stays, since it forbids that it counts again; who it was and what was said go. */
const removeRunEvents = `
  WITH seen AS (
    SELECT seq, cause, created_at < ${cutoff} AS is_old, ${ofOpenRun} AS is_open
      FROM run_events e WHERE seq > $2::bigint AND actor <> '' ORDER BY seq LIMIT ${BATCH}
  ),
  gone AS (DELETE FROM run_events e USING seen s WHERE e.seq = s.seq AND s.is_old AND NOT s.is_open AND s.cause IS NULL RETURNING 1),
  bared AS (
    UPDATE run_events e SET actor = '', payload = '{}' FROM seen s
     WHERE e.seq = s.seq AND s.is_old AND NOT s.is_open AND s.cause IS NOT NULL RETURNING 1
  )
  SELECT ((SELECT count(*) FROM gone) + (SELECT count(*) FROM bared))::int AS removed,
         (SELECT max(seq)::text FROM seen HAVING bool_and(is_old) AND count(*) = ${BATCH}) AS next`;

const removeAuditEvents = `
  WITH seen AS (SELECT seq, created_at < ${cutoff} AS is_old FROM audit_events WHERE seq > $2::bigint ORDER BY seq LIMIT ${BATCH}),
  gone AS (DELETE FROM audit_events a USING seen s WHERE a.seq = s.seq AND s.is_old RETURNING 1)
  SELECT (SELECT count(*)::int FROM gone) AS removed,
         (SELECT max(seq)::text FROM seen HAVING bool_and(is_old) AND count(*) = ${BATCH}) AS next`;

const trail = (name: string, countText: string, text: string): Outdated => ({
  name,
  table: name,
  keptFor: "auditDays",
  count: async (database, days) => {
    const statement = { name: `retention_count_${name}`, text: countText };
    const [row] = await database.query<{ count: number }>(statement, [days]);
    return row?.count ?? 0;
  },
  removeSome: (database: Database, days, from) =>
    database.transaction(async (client) => {
      await client.query(PERMIT);
      const { rows } = await client.query<{
        removed: number;
        next: string | null;
      }>({ name: `retention_remove_${name}`, text, values: [days, from] });
      return rows[0] ?? { removed: 0, next: null };
    }),
});

/** The history of runs that have ended or are gone. */
export const runHistory = trail(
  "run_events",
  `SELECT count(*)::int AS count FROM run_events e WHERE created_at < ${cutoff} AND actor <> '' AND NOT ${ofOpenRun}`,
  removeRunEvents,
);

export const auditEvents = trail(
  "audit_events",
  `SELECT count(*)::int AS count FROM audit_events WHERE created_at < ${cutoff}`,
  removeAuditEvents,
);
