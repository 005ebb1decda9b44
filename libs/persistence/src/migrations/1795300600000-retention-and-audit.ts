import type { MigrationInterface, QueryRunner } from "typeorm";

/** The audit outlives what it is about and cannot be changed; retention knows how far it has come. */
export class RetentionAndAudit1795300600000 implements MigrationInterface {
  readonly name = "RetentionAndAudit1795300600000";

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of down) await runner.query(statement);
  }
}

/** A trigger for statements: rows that are added cost nothing. */
const appendOnly = (table: string): string =>
  `CREATE TRIGGER "${table}_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "${table}" FOR EACH STATEMENT EXECUTE FUNCTION "audit_is_append_only"()`;

const up = [
  `ALTER TABLE "run_events" DROP CONSTRAINT "FK_493c4f09637a3e9283626f847e9"`,
  `CREATE TABLE "audit_events" (
    "seq" bigint NOT NULL DEFAULT nextval('run_events_seq_seq'::regclass),
    "actor" text NOT NULL,
    "action" text NOT NULL,
    "source" text NOT NULL,
    "origin" text,
    "cause" text,
    "repository_id" uuid,
    "repository_full_name" text,
    "workflow_run_id" uuid,
    "adw_id" text,
    "details" jsonb NOT NULL DEFAULT '{}',
    "created_at" TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    CONSTRAINT "PK_audit_events" PRIMARY KEY ("seq")
  )`,
  `CREATE UNIQUE INDEX "audit_events_cause" ON "audit_events" ("cause") WHERE cause IS NOT NULL`,
  `CREATE INDEX "audit_events_adw_id" ON "audit_events" ("adw_id") WHERE adw_id IS NOT NULL`,
  `CREATE INDEX "audit_events_run" ON "audit_events" ("workflow_run_id") WHERE workflow_run_id IS NOT NULL`,
  `CREATE TABLE "retention_marks" (
    "name" text NOT NULL,
    "done_until" TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT "PK_retention_marks" PRIMARY KEY ("name")
  )`,
  `CREATE INDEX "artifacts_created" ON "artifacts" ("created_at")`,
  `CREATE FUNCTION "audit_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF current_setting('pullwright.retention', true) IS DISTINCT FROM 'on' THEN
      RAISE EXCEPTION 'the table % is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
  END $$`,
  appendOnly("run_events"),
  appendOnly("audit_events"),
];

const down = [
  `DROP TRIGGER "run_events_append_only" ON "run_events"`,
  `DROP TABLE "audit_events"`,
  `DROP FUNCTION "audit_is_append_only"()`,
  `DROP INDEX "artifacts_created"`,
  `DROP TABLE "retention_marks"`,
  // Events of runs that are gone have nothing left to refer to.
  `DELETE FROM "run_events" e WHERE NOT EXISTS (SELECT 1 FROM "workflow_runs" r WHERE r.id = e.workflow_run_id)`,
  `ALTER TABLE "run_events" ADD CONSTRAINT "FK_493c4f09637a3e9283626f847e9" FOREIGN KEY ("workflow_run_id") REFERENCES "workflow_runs"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
];
