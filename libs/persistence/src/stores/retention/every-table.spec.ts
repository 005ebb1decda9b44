import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../../__fixtures__/stores-on-a-clone.js";
import { kinds } from "./retention.js";

const page = fileURLToPath(
  new URL("../../../../../docs/retention.md", import.meta.url),
);
const settings = {
  logDays: "RETENTION_LOG_DAYS",
  transcriptDays: "RETENTION_TRANSCRIPT_DAYS",
  deliveryDays: "RETENTION_DELIVERY_DAYS",
  runDays: "RETENTION_RUN_DAYS",
  auditDays: "RETENTION_AUDIT_DAYS",
} as const;

let sut: StoresUnderTest;
/** The settings that the page names for each table. */
let told: ReadonlyMap<string, readonly string[]>;
beforeAll(async () => {
  sut = await storesOnAClone();
  const rows = (await readFile(page, "utf8")).matchAll(
    /^\| `(\w+)` *\|([^|]*)\|/gm,
  );
  told = new Map(
    [...rows].map(([, table = "", names = ""]) => [
      table,
      [...names.matchAll(/\w+/g)].map(([name]) => name).toSorted(),
    ]),
  );
});
afterAll(() => sut.close());

const named = async (sql: string): Promise<string[]> =>
  (await sut.database.pool.query<{ name: string }>(sql)).rows.map(
    ({ name }) => name,
  );

test("every table stands in docs/retention.md", async () => {
  const tables = await named(
    `SELECT relname::text AS name FROM pg_class
      WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace`,
  );
  expect([...told.keys()].toSorted()).toEqual(tables.toSorted());
});

test("and each goes by the settings that are named there", async () => {
  const withRuns = await named(`
    WITH RECURSIVE hanging(oid) AS (
      SELECT 'workflow_runs'::regclass::oid
      UNION
      SELECT c.conrelid FROM pg_constraint c JOIN hanging h ON c.confrelid = h.oid WHERE c.confdeltype = 'c'
    )
    SELECT oid::regclass::text AS name FROM hanging`);
  // Too many for a foreign key: removed by the statement that removes the run.
  const ofRuns = new Set([...withRuns, "workflow_logs"]);
  const settingsOf = (table: string) => [
    ...new Set([
      ...kinds
        .filter((kind) => kind.table === table)
        .map(({ keptFor }) => settings[keptFor] as string),
      ...(ofRuns.has(table) ? [settings.runDays] : []),
    ]),
  ];
  for (const [table, names] of told)
    expect([table, names]).toEqual([table, settingsOf(table).toSorted()]);
});
