import type { Statement } from "../../database.js";
import { countBy, cutoff, FROM_THE_START, type Outdated } from "./outdated.js";

const BATCH = 500;

const outdated = `
    FROM deliveries WHERE received_at < ${cutoff} AND handled_at IS NOT NULL AND payload <> ''`;

const count: Statement = {
  name: "retention_count_payloads",
  text: `SELECT count(*)::int AS count ${outdated}`,
};

/**
 * The mark saves reading the emptied rows again, since they stay. It never passes a delivery that is still open.
 */
const empty: Statement = {
  name: "retention_empty_payloads",
  text: `
  WITH old AS (
    SELECT id, received_at ${outdated}
       AND received_at >= coalesce((SELECT done_until FROM retention_marks WHERE name = 'payloads'), '-infinity')
     ORDER BY received_at LIMIT ${BATCH}
  ),
  emptied AS (UPDATE deliveries d SET payload = '' FROM old WHERE d.id = old.id RETURNING 1),
  marked AS (
    INSERT INTO retention_marks (name, done_until)
    SELECT 'payloads', least(max(received_at), (SELECT min(received_at) FROM deliveries WHERE handled_at IS NULL)) FROM old HAVING count(*) > 0
    ON CONFLICT (name) DO UPDATE SET done_until = excluded.done_until
  )
  SELECT count(*)::int AS count FROM emptied`,
};

/** What deliveries said. Their rows keep the names that forbid that one counts twice, and what became of it. */
export const payloads: Outdated = {
  name: "payloads",
  table: "deliveries",
  keptFor: "deliveryDays",
  count: (database, days) => countBy(database, count, days),
  removeSome: async (database, days) => {
    const removed = await countBy(database, empty, days);
    return { removed, next: removed < BATCH ? null : FROM_THE_START };
  },
};
