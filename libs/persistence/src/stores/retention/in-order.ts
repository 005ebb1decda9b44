import type { Statement } from "../../database.js";
import { isOpen } from "../latest-first.js";
import {
  countBy,
  cutoff,
  type Outdated,
  type RetentionPolicy,
} from "./outdated.js";

const BATCH = 1_000;

/** A table of conversations, numbered in the order of time. */
interface Numbered {
  readonly table: string;
  /** The column of the row's time. */
  readonly time: string;
  readonly keptFor: keyof RetentionPolicy;
}

/**
 * Rows in the order of their numbers. It reads from the oldest and stops at the first batch that holds a young one, so it
 * needs no index on the time; what belongs to a run that is still open is passed by.
 */
function inOrder({ table, time, keptFor }: Numbered): Outdated {
  const ofEndedRun = `
    FROM attempts a JOIN workflow_runs r ON r.id = a.workflow_run_id AND NOT ${isOpen("r")}`;
  const count: Statement = {
    name: `retention_count_${table}`,
    text: `
  SELECT count(*)::int AS count FROM ${table} m
   WHERE m.${time} < ${cutoff} AND EXISTS (SELECT 1 ${ofEndedRun} WHERE a.id = m.conversation_id)`,
  };
  const remove: Statement = {
    name: `retention_remove_${table}`,
    text: `
  WITH seen AS (SELECT id, conversation_id, ${time} < ${cutoff} AS is_old FROM ${table} WHERE id > $2::bigint ORDER BY id LIMIT ${BATCH}),
  gone AS (
    DELETE FROM ${table} m USING seen
     WHERE m.id = seen.id AND seen.is_old AND EXISTS (SELECT 1 ${ofEndedRun} WHERE a.id = seen.conversation_id)
    RETURNING 1
  )
  SELECT (SELECT count(*)::int FROM gone) AS removed,
         (SELECT max(id)::text FROM seen HAVING bool_and(is_old) AND count(*) = ${BATCH}) AS next`,
  };
  return {
    name: table,
    table,
    keptFor,
    count: (database, days) => countBy(database, count, days),
    removeSome: async (database, days, from) => {
      const [row] = await database.query<{
        removed: number;
        next: string | null;
      }>(remove, [days, from]);
      return row ?? { removed: 0, next: null };
    },
  };
}

export const messages = inOrder({
  table: "messages",
  time: "created_at",
  keptFor: "transcriptDays",
});

export const llmCalls = inOrder({
  table: "llm_calls",
  time: '"timestamp"',
  keptFor: "transcriptDays",
});
