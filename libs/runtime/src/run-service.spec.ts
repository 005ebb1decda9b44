import { once } from "node:events";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { loadConfig, sleep } from "@pullwright/platform";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  startTypescript,
  type TestDatabase,
} from "@pullwright/testing";
import pg from "pg";
import { migrateDatabase, openRuntime } from "./index.js";

let database: TestDatabase;
beforeAll(async () => {
  const template = "pullwright_with_queue";
  await ensureTemplateDatabase(template, async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  database = await createTestDatabase({ template });
});
afterAll(() => database.drop());

/** What a service says and ends with whose settings are these, and which throws where it should begin to serve. */
async function startWith(settings: Readonly<Record<string, string>>) {
  const child = startTypescript(
    new URL("__fixtures__/service-that-throws.ts", import.meta.url),
    [],
    {
      env: { PATH: process.env["PATH"], LOG_LEVEL: "warn", ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]
      ?.setEncoding("utf8")
      .on("data", (text: string) => (said[stream] += text));
  const [exitCode] = (await once(child, "close")) as [number | null]; // As Node documents it.
  return { ...said, exitCode };
}

/** Takes the newest migration out of the ledger; its name. */
async function forgetNewest(url: string): Promise<string> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `DELETE FROM schema_migrations
      WHERE "timestamp" = (SELECT max("timestamp") FROM schema_migrations) RETURNING name`,
  );
  await client.end();
  return rows[0]?.name ?? "";
}

describe("a service that cannot start ends with 1", () => {
  test("and names every bad setting with its mend, in one message without a stack or a secret", async () => {
    const { exitCode, stdout, stderr } = await startWith({
      PORT: "eighty",
      LOG_LEVEL: "loud",
      DATABASE_URL: "mysql://me:hunter2@db/pullwright",
      REDIS_URL: "redis://:hunter2%@redis:6379",
      GITHUB_WEBHOOK_SECRET: "hunter2",
    });
    expect(stderr.split("\n").sort()).toEqual([
      "",
      expect.stringMatching(/^ {2}DATABASE_URL: must be an address .*postgres/),
      expect.stringMatching(/^ {2}GITHUB_TOKEN: is missing: set it, or GITHUB/),
      expect.stringMatching(/^ {2}LOG_LEVEL: must be one of .*\binfo\b/),
      "  PORT: must be a whole number from 0 to 65535",
      expect.stringMatching(/^ {2}REDIS_URL: must be an address .*percent/),
      "spec did not start. The configuration is not usable:",
    ]);
    expect(stderr).toMatch(/^spec did not start/);
    expect(stdout + stderr).not.toContain("hunter2");
    expect(exitCode).toBe(1);
  });

  test("and says how to migrate a database that lacks the newest migration", async () => {
    const lacking = await createTestDatabase({ template: database.name });
    const newest = await forgetNewest(lacking.url);
    const { exitCode, stderr } = await startWith({
      DATABASE_URL: lacking.url,
      GITHUB_TOKEN: "ghp_hunter2",
    });
    await lacking.drop();
    const command = "node apps/all-in-one/dist/migrate.js";
    expect(newest).not.toBe("");
    expect(stderr).toBe(
      `spec did not start. The database lacks ${newest}. Run the migrations first: ${command}\n`,
    );
    expect(exitCode).toBe(1);
    const [, program = ""] = command.split(" ");
    expect(existsSync(new URL(`../../../${program}`, import.meta.url))).toBe(
      true,
    );
  });

  test("and tells what nobody foresaw with its stack and its cause, without secrets", async () => {
    const { exitCode, stdout, stderr } = await startWith({
      DATABASE_URL: database.url,
      GITHUB_TOKEN: "ghp_hunter2",
    });
    expect(stderr).toMatch(
      /^spec did not start\. Error: the service has .*\n {4}at .*service-that-throws\.ts/,
    );
    expect(stderr).toMatch(/\n {2}Caused by: the token is .*\n$/);
    expect(stdout + stderr).not.toContain("hunter2");
    expect(exitCode).toBe(1);
  });

  test("and warns of a key or webhook secret that may be guessed, without showing it", async () => {
    const { stdout, stderr } = await startWith({
      DATABASE_URL: database.url,
      GITHUB_TOKEN: "ghp_of-nobody",
      GITHUB_WEBHOOK_SECRET: "hunter2",
    });
    expect(stdout).toMatch(
      /"level":"warn".*GITHUB_WEBHOOK_SECRET is shorter than 16 characters/,
    );
    expect(stdout + stderr).not.toContain("hunter2");
  });
});

test("a service that is started before the migrations waits for them", async () => {
  const empty = await createTestDatabase();
  const config = loadConfig({ DATABASE_URL: empty.url, LOG_LEVEL: "fatal" });
  let isOpen = false;
  const opening = openRuntime("spec", config).finally(() => (isOpen = true));
  await sleep(1_500);
  expect(isOpen).toBe(false);
  await migrateDatabase(config, empty.url);
  const runtime = await opening;
  expect(await runtime.stores.repositories.list()).toEqual([]);
  await runtime.shutdown.run("the spec ends");
  await empty.drop();
});
