import type { MigrationInterface, QueryRunner } from "typeorm";

const NEVER = "9223372036854775807";

/**
 * What is spent of shared budgets is kept instead of added up by every claim. The version before goes on: what it settles
 * counts as before, each time anew.
 */
export class KeptSums1795301200000 implements MigrationInterface {
  readonly name = "KeptSums1795301200000";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [
      // Of rows that are there already no transaction is known, but that it has ended; none of them is written for that.
      `ALTER TABLE "ledger" ADD "settled_tx" bigint NOT NULL DEFAULT 0`,
      `ALTER TABLE "ledger" ALTER COLUMN "settled_tx" SET DEFAULT ${NEVER}`,
      `UPDATE "ledger" SET "settled_tx" = ${NEVER} WHERE "settled_at" IS NULL`,
      `DROP INDEX "ledger_day"`,
      `DROP INDEX "ledger_repository"`,
      `CREATE INDEX "ledger_day" ON "ledger" ("day", "settled_tx")`,
      `CREATE INDEX "ledger_repository" ON "ledger" ("repository_id", "settled_tx")`,
      `CREATE TABLE "budget_sums" (
         "budget_id" text NOT NULL, "share" text NOT NULL, "day" date NOT NULL, "settled_before" bigint NOT NULL,
         "spent_usd" numeric(14,6) NOT NULL DEFAULT 0, "spent_tokens" bigint NOT NULL DEFAULT 0,
         CONSTRAINT "PK_budget_sums" PRIMARY KEY ("budget_id", "share"),
         CONSTRAINT "FK_fdcb7cf93bfd675329a35d9990b" FOREIGN KEY ("budget_id") REFERENCES "budgets"("id") ON DELETE CASCADE
       )`,
    ])
      await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of [
      `DROP TABLE "budget_sums"`,
      `DROP INDEX "ledger_repository"`,
      `DROP INDEX "ledger_day"`,
      `CREATE INDEX "ledger_day" ON "ledger" ("day")`,
      `CREATE INDEX "ledger_repository" ON "ledger" ("repository_id", "day")`,
      `ALTER TABLE "ledger" DROP COLUMN "settled_tx"`,
    ])
      await runner.query(statement);
  }
}
