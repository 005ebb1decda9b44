import type { MigrationInterface, QueryRunner } from "typeorm";

/**
 * Payloads of deliveries lie as they are where Postgres was built without lz4, as the embedded one: at saturation its own
 * compression was more than half of what Postgres did. They take the more space for as long as payloads are kept.
 */
export class PayloadsAsTheyAre1795300800000 implements MigrationInterface {
  readonly name = "PayloadsAsTheyAre1795300800000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`DO $$ BEGIN
      IF NOT EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = 'deliveries'::regclass AND attname = 'payload' AND attcompression = 'l') THEN
        ALTER TABLE "deliveries" ALTER COLUMN "payload" SET STORAGE EXTERNAL;
      END IF;
    END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "deliveries" ALTER COLUMN "payload" SET STORAGE EXTENDED`,
    );
  }
}
