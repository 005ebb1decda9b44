import type { MigrationInterface, QueryRunner } from "typeorm";

/** What was asked under a cause, so that the same key with another wish is not taken for a repeat. */
export class RequestsOfCauses1795300900000 implements MigrationInterface {
  readonly name = "RequestsOfCauses1795300900000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "run_events" ADD "request_sha256" text`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "run_events" DROP COLUMN "request_sha256"`);
  }
}
