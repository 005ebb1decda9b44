import { codeOf } from "@pullwright/platform";
import type { Database } from "../database.js";

/** Days ahead for which a partition is kept ready. */
const DAYS_AHEAD = 2;

/**
 * Creates the partitions of today and the next days. A day that already has lines in the default partition stays
 * there; nothing is lost by that but the cheap removal.
 */
export async function ensureLogPartitions(
  database: Database,
  today: Date,
): Promise<void> {
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) {
    const day = dayOf(today, ahead);
    const name = `workflow_logs_${day.replaceAll("-", "")}`;
    try {
      await database.pool.query(
        `CREATE TABLE IF NOT EXISTS "${name}" PARTITION OF workflow_logs FOR VALUES FROM ('${day}') TO ('${dayOf(today, ahead + 1)}')`,
      );
    } catch (error) {
      if (!passing.has(codeOf(error) ?? "")) throw error;
    }
  }
}

/** Rows in the default partition (check violation), or another process was first. */
const passing: ReadonlySet<string> = new Set([
  "23514",
  "42P07",
  "23505",
  "42P17",
  "55P03",
]);

function dayOf(today: Date, ahead: number): string {
  const day = new Date(today);
  day.setUTCDate(day.getUTCDate() + ahead);
  return day.toISOString().slice(0, 10);
}
