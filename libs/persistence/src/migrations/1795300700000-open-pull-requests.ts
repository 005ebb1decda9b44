import type { MigrationInterface, QueryRunner } from "typeorm";

/** A pull request that is closed on GitHub finds its run without a walk over all of them. */
export class OpenPullRequests1795300700000 implements MigrationInterface {
  readonly name = "OpenPullRequests1795300700000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX "workflow_runs_open_pull_requests" ON "workflow_runs" ("repository_id", "pull_request_number") WHERE pull_request_number IS NOT NULL AND pull_request_merged_at IS NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX "workflow_runs_open_pull_requests"`);
  }
}
