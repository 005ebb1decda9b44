import type { MigrationInterface, QueryRunner } from "typeorm";

/** A delivery that ends whoever handles it is found by how often it was taken. */
export class TakesOfDeliveries1795301500000 implements MigrationInterface {
  readonly name = "TakesOfDeliveries1795301500000";

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE "deliveries" ADD "takes" integer NOT NULL DEFAULT '0'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE "deliveries" DROP COLUMN "takes"`);
  }
}
