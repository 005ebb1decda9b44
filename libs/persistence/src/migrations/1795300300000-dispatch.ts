import type { MigrationInterface, QueryRunner } from "typeorm";

/** What fair dispatch keeps: a run's priority and blockers, a phase's admission, a repository's turns. */
export class Dispatch1795300300000 implements MigrationInterface {
  readonly name = "Dispatch1795300300000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "workflow_runs" ADD "priority" smallint NOT NULL DEFAULT 1, ADD "blocked_by" text array`,
    );
    await runner.query(
      `ALTER TABLE "phase_runs" ADD "admitted_until" TIMESTAMP WITH TIME ZONE, ADD "admitted_fence" integer`,
    );
    await runner.query(
      `ALTER TABLE "repositories" ADD "turns" double precision NOT NULL DEFAULT 0`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "workflow_runs" DROP COLUMN "priority", DROP COLUMN "blocked_by"`,
    );
    await runner.query(
      `ALTER TABLE "phase_runs" DROP COLUMN "admitted_until", DROP COLUMN "admitted_fence"`,
    );
    await runner.query(`ALTER TABLE "repositories" DROP COLUMN "turns"`);
  }
}
