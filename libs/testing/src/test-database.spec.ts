import { afterAll, expect, test } from "@jest/globals";
import pg from "pg";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  type TestDatabase,
} from "./test-database.js";

const made: TestDatabase[] = [];
afterAll(() => Promise.all(made.map((database) => database.drop())));

async function create(template?: string): Promise<TestDatabase> {
  const database = await createTestDatabase(
    template === undefined ? {} : { template },
  );
  made.push(database);
  return database;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

test("each spec gets a database of its own", async () => {
  const [first, second] = await Promise.all([create(), create()]);
  await query(first.url, "CREATE TABLE marker (id int)");
  await expect(query(second.url, "SELECT * FROM marker")).rejects.toThrow(
    'relation "marker" does not exist',
  );
});

test("a template is prepared once, however many ask, and cloned with its content", async () => {
  let prepared = 0;
  const ask = () =>
    ensureTemplateDatabase("template_of_the_spec", async (url) => {
      prepared += 1;
      await query(url, "CREATE TABLE greeting AS SELECT 'hello' AS text");
    });
  await Promise.all([ask(), ask(), ask()]);
  const clone = await create("template_of_the_spec");
  expect(await query(clone.url, "SELECT text FROM greeting")).toEqual([
    { text: "hello" },
  ]);
  expect(prepared).toBe(1);
});

test("drop removes a database that is still in use", async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  client.on("error", () => undefined); // The server ends the connection; that is the point.
  await client.connect();
  await database.drop();
  await expect(query(database.url, "SELECT 1")).rejects.toThrow(
    "does not exist",
  );
});
