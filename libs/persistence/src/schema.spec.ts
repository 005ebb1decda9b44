import { afterAll, beforeAll, expect, test } from "@jest/globals";
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

test.each(["adw_id", "issue_number"])(
  "runs are found by %s with an index",
  async (column) => {
    const { rows } = await sut.database.pool.query<{ definition: string }>(
      "SELECT indexdef AS definition FROM pg_indexes WHERE tablename = 'workflow_runs'",
    );
    // Of that column alone, and of all runs.
    expect(rows.map(({ definition }) => definition)).toContainEqual(
      expect.stringMatching(new RegExp(`\\(${column}\\)$`)),
    );
  },
);
