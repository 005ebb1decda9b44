import type { Statement } from "../../database.js";
import { countBy, cutoff, FROM_THE_START, type Outdated } from "./outdated.js";

const BATCH = 500;

/** Of no run, so that the index on it leads to them. */
const outdated = `
    FROM effects WHERE workflow_run_id IS NULL AND kind = 'reply' AND status IN ('done', 'failed')
     AND desired_rev <= applied_rev AND desired IS NOT NULL AND updated_at < ${cutoff}`;

const count: Statement = {
  name: "retention_count_replies",
  text: `SELECT count(*)::int AS count ${outdated}`,
};

const empty: Statement = {
  name: "retention_empty_replies",
  text: `
  WITH old AS (SELECT id ${outdated} LIMIT ${BATCH} FOR UPDATE SKIP LOCKED),
  emptied AS (UPDATE effects f SET desired = NULL FROM old WHERE f.id = old.id RETURNING 1)
  SELECT count(*)::int AS count FROM emptied`,
};

/** The text of answers that were given. Their rows stay: they forbid that a cause which was only answered counts later. */
export const replies: Outdated = {
  name: "replies",
  table: "effects",
  keptFor: "deliveryDays",
  count: (database, days) => countBy(database, count, days),
  removeSome: async (database, days) => {
    const removed = await countBy(database, empty, days);
    return { removed, next: removed < BATCH ? null : FROM_THE_START };
  },
};
