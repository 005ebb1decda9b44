import type { BudgetScope } from "@pullwright/domain";
import type { Executor, Statement } from "../database.js";

/** What of a budget's sum does not change any more. */
export interface ClosedSum {
  /** Of the budget. */
  readonly id: string;
  readonly scope: BudgetScope;
  /** What of it counts for a place; the same for places that share it. */
  readonly share: string;
  readonly closed_usd: string;
  readonly closed_tokens: string;
  /** How many rows were added up for them. */
  readonly closed: number;
  readonly closed_before: string;
  /** Whether the sum that is kept is another server's. */
  readonly is_foreign: boolean;
  /** In UTC, when it was read. */
  readonly day: string;
}

/** The same for rows of places that share a sum. */
export const sharedKey = ({
  share,
  id,
}: Pick<ClosedSum, "share" | "id">): string => `${share}\n${id}`;

/** Of scopes that grow without end; of a run and its work item it is soon added up. */
const keptScopes: ReadonlySet<BudgetScope> = new Set([
  "label",
  "repository",
  "day",
]);
/** Adding up as many rows takes as long as keeping their sum. */
const KEPT_AFTER_ROWS = 200;

/** Of budgets that are still there, which stay until it is written; of the day that was read, which may have ended since. */
const keepSums: Statement = {
  name: "budget_sums_keep",
  text: `
  INSERT INTO budget_sums (budget_id, share, day, settled_before, spent_usd, spent_tokens)
  SELECT b.id, share, day, settled_before, usd, tokens
    FROM unnest($1::text[], $2::text[], $3::date[], $4::bigint[], $5::numeric[], $6::bigint[]) AS sums(budget_id, share, day, settled_before, usd, tokens)
    JOIN budgets b ON b.id = budget_id
   ORDER BY b.id FOR KEY SHARE OF b
  ON CONFLICT (budget_id, share) DO UPDATE
     SET day = excluded.day, settled_before = excluded.settled_before, spent_usd = excluded.spent_usd, spent_tokens = excluded.spent_tokens`,
};

/** A sum that was long to add up is kept, and one that takes the place of another server's. */
export async function keepLongSums(
  executor: Executor,
  rows: readonly ClosedSum[],
): Promise<void> {
  const long = rows.filter(
    ({ scope, closed, is_foreign: isForeign }) =>
      keptScopes.has(scope) && (closed > KEPT_AFTER_ROWS || isForeign),
  );
  if (long.length === 0) return;
  const each = [...new Map(long.map((row) => [sharedKey(row), row])).values()];
  await executor.query(keepSums, [
    each.map(({ id }) => id),
    each.map(({ share }) => share),
    each.map(({ day }) => day),
    each.map((row) => row.closed_before),
    each.map((row) => row.closed_usd),
    each.map((row) => row.closed_tokens),
  ]);
}
