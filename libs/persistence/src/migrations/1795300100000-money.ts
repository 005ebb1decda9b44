import type { MigrationInterface, QueryRunner } from "typeorm";

/** One ledger of what attempts took, budgets to reserve from, and which budget a run waits for. */
export class Money1795300100000 implements MigrationInterface {
  readonly name = "Money1795300100000";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of down) await runner.query(statement);
  }
}

const up = [
  `CREATE TABLE "budgets" (
    "id" text NOT NULL,
    "scope" text NOT NULL,
    "key" text NOT NULL,
    "repository_id" uuid,
    "limit_usd" numeric(14,6),
    "limit_tokens" bigint,
    "created_by" text NOT NULL,
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    "updated_at" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    CONSTRAINT "PK_budgets" PRIMARY KEY ("id"),
    CONSTRAINT "FK_12dcf7bc69b43f03ee3a9b08277" FOREIGN KEY ("repository_id") REFERENCES "repositories"("id") ON DELETE CASCADE ON UPDATE NO ACTION
  )`,
  `CREATE TABLE "ledger" (
    "attempt_id" uuid NOT NULL,
    "at" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    "day" date NOT NULL,
    "workflow_run_id" uuid NOT NULL,
    "adw_id" text NOT NULL,
    "execution" integer NOT NULL,
    "phase" text NOT NULL,
    "repository_id" uuid NOT NULL,
    "work_item_id" uuid NOT NULL,
    "labels" text array NOT NULL DEFAULT '{}',
    "agent" text,
    "model" text,
    "reserved_usd" numeric(14,6) NOT NULL DEFAULT '0',
    "reserved_tokens" bigint NOT NULL DEFAULT '0',
    "cost_usd" numeric(14,6) NOT NULL DEFAULT '0',
    "tokens" bigint NOT NULL DEFAULT '0',
    "settled_at" TIMESTAMP WITH TIME ZONE,
    CONSTRAINT "PK_ledger" PRIMARY KEY ("attempt_id")
  )`,
  `CREATE INDEX "ledger_run" ON "ledger" ("workflow_run_id")`,
  `CREATE INDEX "ledger_work_item" ON "ledger" ("work_item_id")`,
  `CREATE INDEX "ledger_repository" ON "ledger" ("repository_id", "day")`,
  `CREATE INDEX "ledger_day" ON "ledger" ("day")`,
  `CREATE INDEX "ledger_labels" ON "ledger" USING gin ("labels")`,
  `CREATE INDEX "ledger_phase" ON "ledger" ("phase", "agent", "at")`,
  `ALTER TABLE "workflow_runs" ADD "waiting_budget_id" text`,
  `ALTER TABLE "workflow_runs" ADD "pull_request_merged_at" TIMESTAMP WITH TIME ZONE`,
  `CREATE INDEX "workflow_runs_budget_waits" ON "workflow_runs" ("id") WHERE waiting_budget_id IS NOT NULL`,
];

const down = [
  `DROP INDEX "workflow_runs_budget_waits"`,
  `ALTER TABLE "workflow_runs" DROP COLUMN "pull_request_merged_at"`,
  `ALTER TABLE "workflow_runs" DROP COLUMN "waiting_budget_id"`,
  `DROP TABLE "ledger"`,
  `DROP TABLE "budgets"`,
];
