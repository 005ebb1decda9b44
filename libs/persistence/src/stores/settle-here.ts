import type { QueryRunner } from "typeorm";
import { ALL_BEFORE_ENDED, THIS_TRANSACTION } from "./budget-use.js";

/** The first transaction that the server has yet to begin: a number from there on is another one's. */
const NEXT = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint";

/**
 * Numbers of transactions are one server's. After a move to one whose own are lower, as by `pg_restore`, what came along with a
 * higher one is settled anew, by this transaction: so it is in no sum, not even of those who read before and keep theirs after.
 * Where nothing came along, indexes say so in less than a millisecond.
 */
export async function settleHere(runner: QueryRunner): Promise<void> {
  await runner.query(
    `UPDATE ledger SET settled_tx = ${THIS_TRANSACTION} WHERE settled_tx >= ${NEXT} AND settled_at IS NOT NULL`,
  );
  await runner.query(
    `DELETE FROM budget_sums WHERE settled_before > ${ALL_BEFORE_ENDED}`,
  );
}
