import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createDataSource } from "./data-source.js";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "./__fixtures__/stores-on-a-clone.js";

// What others read with SQL: these names and types are promised. The tables have more.
const promised = {
  workflow_runs: {
    id: "uuid",
    adw_id: "text",
    issue_number: "integer",
    workflow_type: "text",
    status: "text",
    branch_name: "text",
    plan_file: "text",
    created_at: "timestamp with time zone",
    started_at: "timestamp with time zone",
    completed_at: "timestamp with time zone",
    error_message: "text",
    error_phase: "text",
    pull_request_url: "text",
    implementation_summary: "text",
  },
  phase_runs: {
    id: "uuid",
    workflow_run_id: "uuid",
    phase: "text",
    status: "text",
    started_at: "timestamp with time zone",
    completed_at: "timestamp with time zone",
    output_file: "text",
    error_message: "text",
  },
  workflow_logs: {
    workflow_run_id: "uuid",
    seq: "bigint",
    timestamp: "timestamp with time zone",
    level: "text",
    message: "text",
    context: "jsonb",
  },
};

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

test.each(Object.entries(promised))(
  "%s has the columns that are promised",
  async (table, columns) => {
    const { rows } = await sut.database.pool.query<{
      name: string;
      type: string;
    }>(
      "SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_schema = 'public' AND table_name = $1",
      [table],
    );
    expect(
      Object.fromEntries(rows.map(({ name, type }) => [name, type])),
    ).toMatchObject(columns);
  },
);

/** The indexes of the runs, as Postgres would make them again. */
async function indexesOfRuns(): Promise<string[]> {
  const { rows } = await sut.database.pool.query<{ definition: string }>(
    "SELECT indexdef AS definition FROM pg_indexes WHERE tablename = 'workflow_runs'",
  );
  return rows.map(({ definition }) => definition);
}

// Each of that column alone, and of all runs; a public id is one run's.
test.each([
  ["adw_id", /^CREATE UNIQUE INDEX .* \(adw_id\)$/],
  ["issue_number", /^CREATE INDEX .* \(issue_number\)$/],
])("runs are found by %s with an index", async (_, index) => {
  expect(await indexesOfRuns()).toContainEqual(expect.stringMatching(index));
});

test("open runs are found with an index that ended ones do not make longer", async () => {
  const partial =
    /\(status, created_at\) WHERE \(status = ANY \(ARRAY\['pending'::text, 'running'::text, 'waiting'::text\]\)\)$/;
  expect(await indexesOfRuns()).toContainEqual(expect.stringMatching(partial));
});

test("a phase is a run's that exists, and goes with it", async () => {
  const { rows } = await sut.database.pool.query<{ definition: string }>(
    "SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint WHERE conrelid = 'phase_runs'::regclass AND contype = 'f'",
  );
  expect(rows).toContainEqual({
    definition:
      "FOREIGN KEY (workflow_run_id) REFERENCES workflow_runs(id) ON DELETE CASCADE",
  });
});

test("what the migrations leave out of the entities is found", async () => {
  const clone = await storesOnAClone();
  const source = createDataSource({ url: clone.url });
  try {
    await source.initialize();
    // As `npm run check:migrations` asks.
    const missing = async () => {
      const { upQueries } = await source.driver.createSchemaBuilder().log();
      return upQueries.map(({ query }) => query);
    };
    expect(await missing()).toEqual([]);
    await clone.database.pool.query(
      "ALTER TABLE workflow_runs DROP COLUMN plan_file",
    );
    expect(await missing()).toEqual([
      expect.stringMatching(/^ALTER TABLE "workflow_runs" ADD "plan_file"/),
    ]);
  } finally {
    if (source.isInitialized) await source.destroy();
    await clone.close();
  }
});
