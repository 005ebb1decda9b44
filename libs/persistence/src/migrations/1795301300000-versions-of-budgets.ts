import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * A reservation from shared budgets is written if they are still as they were read. The version before locks them instead and
 * counts no versions: while it runs as well, two phases that begin in the same moment may both get the last of a budget.
 */
export class VersionsOfBudgets1795301300000 implements MigrationInterface {
  readonly name = "VersionsOfBudgets1795301300000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "budgets" ADD "version" bigint NOT NULL DEFAULT 0`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "budgets" DROP COLUMN "version"`);
  }
}
