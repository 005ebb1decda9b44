import { randomBytes } from "node:crypto";
import pg from "pg";

/** A database of a spec's own. */
export interface TestDatabase {
  readonly url: string;
  readonly name: string;
  /** Ends its connections and removes it. */
  drop(): Promise<void>;
}

/** Connection URL of the test run's embedded Postgres, as superuser; the first call starts it. */
export async function adminUrl(): Promise<string> {
  const keeper = process.env["PULLWRIGHT_TEST_POSTGRES"];
  if (!keeper)
    throw new Error(
      "No test Postgres: run the specs through Jest with this repository's configuration.",
    );
  // A connection kept from the last question may be closed by the keeper in the very moment of the next one.
  const response = await fetch(keeper)
    .catch(() => fetch(keeper))
    .catch(() => fetch(keeper));
  const body = await response.text();
  if (!response.ok) throw new Error(`The test Postgres did not start: ${body}`);
  return body;
}

/** Creates a database, empty or as a clone of a template (see {@link ensureTemplateDatabase}). */
export async function createTestDatabase(
  options: { template?: string } = {},
): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const template = options.template ?? "template0";
  await asAdmin((client) =>
    client.query(
      // By default its pages go through Postgres's cache and log, which takes twice as long.
      `CREATE DATABASE ${quote(client, name)} TEMPLATE ${quote(client, template)} STRATEGY file_copy`,
    ),
  );
  return {
    url: await urlOf(name),
    name,
    drop: () =>
      asAdmin((client) =>
        client.query(
          `DROP DATABASE IF EXISTS ${quote(client, name)} WITH (FORCE)`,
        ),
      ),
  };
}

/**
 * Builds a template database once per test run, however many specs ask at once; the others wait for it.
 *
 * `prepare` gets the URL of the empty database and must leave no connection open: Postgres clones only a quiet one.
 */
export async function ensureTemplateDatabase(
  name: string,
  prepare: (url: string) => Promise<void>,
): Promise<void> {
  await asAdmin(async (client) => {
    await client.query("SELECT pg_advisory_lock(hashtext($1))", [name]); // Released when the connection ends.
    const found = await client.query(
      "SELECT 1 FROM pg_database WHERE datname = $1",
      [name],
    );
    if (found.rowCount) return;
    const draft = `${name}_draft`;
    await client.query(
      `DROP DATABASE IF EXISTS ${quote(client, draft)} WITH (FORCE)`,
    );
    await client.query(
      `CREATE DATABASE ${quote(client, draft)} TEMPLATE template0`,
    );
    await prepare(await urlOf(draft));
    await client.query(
      `ALTER DATABASE ${quote(client, draft)} RENAME TO ${quote(client, name)}`,
    );
  });
}

async function urlOf(database: string): Promise<string> {
  const url = new URL(await adminUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function quote(client: pg.Client, name: string): string {
  return client.escapeIdentifier(name);
}

async function asAdmin(
  work: (client: pg.Client) => Promise<unknown>,
): Promise<void> {
  const client = new pg.Client({ connectionString: await adminUrl() });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
