import type { MigrationInterface, QueryRunner } from "typeorm";

/** The shared view of GitHub's quotas, how far hooks' logs are read, and what feeds have shown of their webhooks. */
export class GithubQuota1795300400000 implements MigrationInterface {
  readonly name = "GithubQuota1795300400000";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "feeds" DROP COLUMN "untold_at", DROP COLUMN "told_at"`,
    );
    await runner.query(`DROP TABLE "hook_logs"`);
    await runner.query(`DROP TABLE "github_quota"`);
  }
}

const up = [
  `CREATE TABLE "github_quota" (
    "credential" text NOT NULL,
    "resource" text NOT NULL,
    "quota_limit" integer,
    "remaining" integer,
    "reset_at" TIMESTAMP WITH TIME ZONE,
    "paused_until" TIMESTAMP WITH TIME ZONE,
    "reason" text,
    "control_requests" integer NOT NULL DEFAULT '0',
    "status_requests" integer NOT NULL DEFAULT '0',
    "discovery_requests" integer NOT NULL DEFAULT '0',
    "refused_requests" integer NOT NULL DEFAULT '0',
    "next_write_at" TIMESTAMP WITH TIME ZONE,
    "updated_at" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    PRIMARY KEY ("credential", "resource")
  )`,
  `CREATE TABLE "hook_logs" (
    "name" text NOT NULL,
    "read_until" TIMESTAMP WITH TIME ZONE,
    "read_at" TIMESTAMP WITH TIME ZONE,
    "trouble" text,
    PRIMARY KEY ("name")
  )`,
  `ALTER TABLE "feeds" ADD "told_at" TIMESTAMP WITH TIME ZONE, ADD "untold_at" TIMESTAMP WITH TIME ZONE`,
];
