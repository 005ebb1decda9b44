import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * What was settled lately is found by one index, whatever its labels, and a sum that is kept may be greater than what one run
 * can spend. The version before finds a label's rows by reading all, which is right and slower.
 */
export class LedgerBySettlement1795301400000 implements MigrationInterface {
  readonly name = "LedgerBySettlement1795301400000";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [
      `CREATE INDEX "ledger_settled" ON "ledger" ("settled_tx")`,
      `DROP INDEX "ledger_labels"`,
      `ALTER TABLE "budget_sums" ALTER COLUMN "spent_usd" TYPE numeric(20,6)`,
    ])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [
      `ALTER TABLE "budget_sums" ALTER COLUMN "spent_usd" TYPE numeric(14,6)`,
      `CREATE INDEX "ledger_labels" ON "ledger" USING gin ("labels")`,
      `DROP INDEX "ledger_settled"`,
    ])
      await runner.query(statement);
  }
}
