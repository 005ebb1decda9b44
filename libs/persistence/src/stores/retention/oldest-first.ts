import type { Statement } from "../../database.js";
import { isOpen } from "../latest-first.js";
import {
  countBy,
  cutoff,
  FROM_THE_START,
  type Outdated,
  type RetentionPolicy,
} from "./outdated.js";

interface Kind {
  readonly name: string;
  readonly keptFor: keyof RetentionPolicy;
  readonly table: string;
  /** A partition's own rows. */
  readonly partition?: string;
  /** What is outdated, of `o`. */
  readonly where: string;
  readonly orderBy: string;
  readonly batch: number;
}

/** Rows that an index on their time leads to. */
function oldestFirst(kind: Kind): Outdated {
  const { name, keptFor, table, batch } = kind;
  const rows = kind.partition ?? table;
  const outdated = `
    FROM ${rows} o WHERE ${kind.where}
     AND EXISTS (SELECT 1 FROM workflow_runs r WHERE r.id = o.workflow_run_id AND NOT ${isOpen("r")})`;
  const count: Statement = {
    name: `retention_count_${name}`,
    text: `SELECT count(*)::int AS count ${outdated}`,
  };
  const remove: Statement = {
    name: `retention_remove_${name}`,
    text: `
  WITH gone AS (
    DELETE FROM ${rows} WHERE ctid = ANY(ARRAY(SELECT o.ctid ${outdated} ORDER BY ${kind.orderBy} LIMIT ${batch} FOR UPDATE SKIP LOCKED))
    RETURNING 1
  )
  SELECT count(*)::int AS count FROM gone`,
  };
  return {
    name,
    table,
    keptFor,
    count: (database, days) => countBy(database, count, days),
    removeSome: async (database, days) => {
      const removed = await countBy(database, remove, days);
      return { removed, next: removed < batch ? null : FROM_THE_START };
    },
  };
}

/** Up to 1 MB each. */
export const artifacts = oldestFirst({
  name: "artifacts",
  keptFor: "transcriptDays",
  table: "artifacts",
  where: `o.created_at < ${cutoff}`,
  orderBy: "o.created_at",
  batch: 100,
});

/** Lines of days without a partition of their own, such as those of a run that was retried after its day had gone. */
export const logLines = oldestFirst({
  name: "log_lines",
  keptFor: "logDays",
  table: "workflow_logs",
  partition: "workflow_logs_default",
  where: `o.run_day < (now() AT TIME ZONE 'utc')::date - $1::int AND o."timestamp" < ${cutoff}`,
  orderBy: "o.run_day",
  batch: 1_000,
});
