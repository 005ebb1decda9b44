import type { MigrationInterface, QueryRunner } from "typeorm";

/** Only what is not GitHub's fault brings a delivery nearer to its end. */
export class CountedFailures1795301000000 implements MigrationInterface {
  readonly name = "CountedFailures1795301000000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "deliveries" ADD "counted_failures" integer NOT NULL DEFAULT '0'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "deliveries" DROP COLUMN "counted_failures"`,
    );
  }
}
