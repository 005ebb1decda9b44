import type { MigrationInterface, QueryRunner } from "typeorm";

/** Of one credential one process at a time writes to GitHub. The version before goes on without these columns. */
export class WriteTurns1795301100000 implements MigrationInterface {
  readonly name = "WriteTurns1795301100000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "github_quota" ADD "write_fence" integer, ADD "write_held_until" TIMESTAMP WITH TIME ZONE, ADD "write_wanted_at" TIMESTAMP WITH TIME ZONE`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "github_quota" DROP COLUMN "write_wanted_at", DROP COLUMN "write_held_until", DROP COLUMN "write_fence"`,
    );
  }
}
