import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createTestDatabase, type TestDatabase } from "@pullwright/testing";
import { once } from "node:events";
import { QueuePool } from "./queue-pool.js";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("a listener's connection that Postgres ends while it is given back ends no process", async () => {
  const pool = new QueuePool(database.url, 1, () => undefined);
  const client = await pool.connect();
  const { rows } = await client.query<{ pid: number }>(
    "SELECT pg_backend_pid() AS pid",
  );
  const gone = once(client, "end");
  // As BullMQ does at its end.
  client.removeAllListeners("error");
  client.release();
  await pool.query("SELECT pg_terminate_backend($1)", [rows[0]?.pid]);
  await gone;
  expect(client.listenerCount("error")).toBeGreaterThan(0);
  await pool.end();
});
