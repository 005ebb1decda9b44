import type { Statement } from "../../database.js";
import { removeRuns } from "../remove-runs.js";
import { isOpen } from "../latest-first.js";
import { countBy, cutoff, FROM_THE_START, type Outdated } from "./outdated.js";

/** A run takes its phases, attempts, messages, effects and lines with it. */
const BATCH = 20;

const outdated = `
    FROM workflow_runs r WHERE NOT ${isOpen("r")} AND r.created_at < ${cutoff} AND r.completed_at < ${cutoff}`;

const count: Statement = {
  name: "retention_count_runs",
  text: `SELECT count(*)::int AS count ${outdated}`,
};

const oldest: Statement = {
  name: "retention_oldest_runs",
  text: `SELECT r.id ${outdated} ORDER BY r.created_at, r.id LIMIT ${BATCH}`,
};

/** Ended runs, each noted under its name. */
export const endedRuns: Outdated = {
  name: "runs",
  table: "workflow_runs",
  keptFor: "runDays",
  count: (database, days) => countBy(database, count, days),
  removeSome: async (database, days, _from, by) => {
    const rows = await database.query<{ id: string }>(oldest, [days]);
    const removed = await removeRuns(
      database,
      rows.map(({ id }) => id),
      by,
    );
    // What was retried meanwhile is no longer outdated.
    return { removed, next: rows.length < BATCH ? null : FROM_THE_START };
  },
};
