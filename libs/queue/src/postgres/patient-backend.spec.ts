import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createSilentLogger, sleep } from "@pullwright/platform";
import {
  createTestDatabase,
  linkTo,
  until,
  type TestDatabase,
} from "@pullwright/testing";
import type { PgPool } from "bullmq";
import { migrateQueueSchema } from "./migrate-queue-schema.js";
import { PatientBackend, PatientConnection } from "./patient-backend.js";
import { createPostgresBackend } from "./postgres-backend.js";
import { QueuePool, type DedicatedClient } from "./queue-pool.js";

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await migrateQueueSchema(database.url);
});
afterEach(() => database.drop());

/** Postgres ends its first connection as soon as that listens, before anybody has read the answer. */
class EndingPool extends QueuePool {
  private hasEnded = false;

  override async connect(): Promise<DedicatedClient> {
    const client = await super.connect();
    if (this.hasEnded) return client;
    this.hasEnded = true;
    const { rows } = await client.query<{ pid: number }>(
      "SELECT pg_backend_pid() AS pid",
    );
    const ask = client.query.bind(client) as (text: string) => unknown;
    const query = async (text: string) => {
      const answer = await ask(text);
      const ended = new Promise<void>((resolve) => client.once("end", resolve));
      await this.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
      await ended;
      return answer;
    };
    return Object.assign(client, { query });
  }
}

test("a connection that breaks in the moment when it listens makes nobody deaf", async () => {
  const pool = new EndingPool(database.url, 2, () => undefined);
  const connection = pool as unknown as PgPool;
  const sut = new PatientBackend(
    new PatientConnection(connection),
    "phases",
    { connection },
    true,
  );
  sut.on("error", () => undefined);
  await sut.waitForJob(0.1).catch(() => null); // What the worker tries again.
  const answer = sut.waitForJob(5);
  await sleep(500);
  await pool.query("SELECT pg_notify('bullmq_jobs', 'phases')");
  await expect(answer).resolves.toMatchObject({ member: "phases" });
  await sut.close();
  await pool.end();
});

test("after an outage a job is found that nobody has announced", async () => {
  const { link, url } = await linkTo(database.url);
  const logger = createSilentLogger();
  const pool = new QueuePool(database.url, 1, () => undefined);
  const sut = createPostgresBackend({ url, logger, poolSize: 2 });
  const done: string[] = [];
  const answer = ({ name }: { name: string }) =>
    Promise.resolve(void done.push(name));
  const worker = sut.createWorker("phases", answer, 1);
  worker.on("error", () => undefined);
  void worker.keepRunning();
  const listens = async () => {
    const { rows } = await pool.query(
      "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%LISTEN bullmq_jobs%' AND pid <> pg_backend_pid()",
    );
    return rows.length > 0;
  };
  await until(listens, "it listens");
  await link.cut();
  await until(async () => !(await listens()), "it does not listen");
  await sleep(3_000); // Time enough to fail to fetch, and then to listen anew.
  await link.restore();
  await until(listens, "it listens again", 10_000);
  await sleep(500);
  const elsewhere = sut.createQueue("effects");
  await elsewhere.add("unannounced", {});
  await pool.query("UPDATE bullmq.job SET queue = 'phases'");
  await until(() => done.includes("unannounced"), "it is found", 10_000);
  await elsewhere.close();
  await worker.closeWithin(1_000);
  await sut.close();
  await link.close();
  await pool.end();
}, 40_000);
