import type { MigrationInterface, QueryRunner } from "typeorm";

/** Credentials whose quota is used up, and the route of agents that a run goes on with. */
export class Breakers1795300200000 implements MigrationInterface {
  readonly name = "Breakers1795300200000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE TABLE "breakers" (
        "credential" text NOT NULL,
        "agent" text NOT NULL,
        "open_until" TIMESTAMP WITH TIME ZONE NOT NULL,
        "reason" text NOT NULL,
        "failures" integer NOT NULL DEFAULT '0',
        "probe_phase_run_id" uuid,
        "probe_until" TIMESTAMP WITH TIME ZONE,
        "since" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
        CONSTRAINT "PK_breakers" PRIMARY KEY ("credential")
      )`,
    );
    await runner.query(
      `ALTER TABLE "workflow_runs" ADD "agent_route" text array NOT NULL DEFAULT '{}'`,
    );
    await runner.query(
      `ALTER TABLE "phase_runs" ADD "agents" text, ADD "setbacks" jsonb`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "phase_runs" DROP COLUMN "agents", DROP COLUMN "setbacks"`,
    );
    await runner.query(`ALTER TABLE "workflow_runs" DROP COLUMN "agent_route"`);
    await runner.query(`DROP TABLE "breakers"`);
  }
}
