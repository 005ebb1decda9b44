import type { Database, Statement } from "../../database.js";
import type { DoneBy } from "../audit-note.js";

/** How many days each kind of data is kept; 0: for ever. */
export interface RetentionPolicy {
  readonly logDays: number;
  /** Messages, model calls and artifacts. */
  readonly transcriptDays: number;
  /** What deliveries said and were answered; their rows stay, so that none counts twice. */
  readonly deliveryDays: number;
  /** Ended runs with all that hangs on them. */
  readonly runDays: number;
  readonly auditDays: number;
}

/** What one bounded piece of work did. */
export interface Batch {
  readonly removed: number;
  /** Where the next batch begins; null: nothing is left. */
  readonly next: string | null;
}

/** One kind of data that grows old. */
export interface Outdated {
  /** As metrics and the audit call it. */
  readonly name: string;
  /** Whose rows it removes or empties; what hangs on them by foreign keys goes with them. */
  readonly table: string;
  readonly keptFor: keyof RetentionPolicy;
  count(database: Database, days: number): Promise<number>;
  /** Removes some of it. Never holds a lock for long, and whatever was not reached is found again. */
  removeSome(
    database: Database,
    days: number,
    from: string,
    by: DoneBy,
  ): Promise<Batch>;
}

export const FROM_THE_START = "0";

/** What is older than `$1` days. */
export const cutoff = "now() - $1::int * interval '1 day'";

export async function countBy(
  database: Database,
  statement: Statement,
  days: number,
): Promise<number> {
  const [row] = await database.query<{ count: number }>(statement, [days]);
  return row?.count ?? 0;
}
