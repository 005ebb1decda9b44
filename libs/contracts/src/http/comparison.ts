import { phaseStatuses, runOutcomes, runStatuses } from "@pullwright/domain";
import { z } from "zod";
import { execution } from "./execution.js";
import { adwId } from "./fields.js";

/** What a side left on its branch, and what the tests said of it. */
const brought = {
  diff_size: z
    .object({ files: z.int(), insertions: z.int(), deletions: z.int() })
    .describe("Of the commits to the code, as git's numstat counts them."),
  tests: z
    .object({ passed: z.int(), failed: z.int() })
    .nullable()
    .describe("Commands of the last test phase; null when none ran."),
};

const difference = z.number().nullable().describe("b minus a");

const differences = z.object({
  duration_ms: difference,
  total_calls: difference,
  total_tokens: difference,
  total_cost: difference,
  files: difference,
  insertions: difference,
  deletions: difference,
  tests_passed: difference,
  tests_failed: difference,
});

const phases = z.array(
  z.object({
    phase: z.string(),
    a: z.enum(phaseStatuses).nullable(),
    b: z.enum(phaseStatuses).nullable(),
    a_duration_ms: z.int().nullable(),
    b_duration_ms: z.int().nullable(),
  }),
);

const comparedExecution = execution
  .extend(brought)
  .meta({ id: "ComparedExecution" });

/** Two executions of one run, side by side. */
export const executionComparison = z
  .object({
    a: comparedExecution,
    b: comparedExecution,
    difference: differences,
    phases,
  })
  .meta({ id: "ExecutionComparison" });
export type ExecutionComparison = z.output<typeof executionComparison>;

const comparedRun = z
  .object({
    adw_id: adwId,
    workflow: z.string(),
    status: z.enum(runStatuses),
    outcome: z.enum(runOutcomes).nullable(),
    executions: z.int(),
    duration_ms: z.int().nullable().describe("Of the executions that ended."),
    total_calls: z.int(),
    total_tokens: z.number(),
    total_cost: z.number(),
    ...brought,
  })
  .meta({ id: "ComparedRun" });

export const comparisonQuery = z.strictObject({
  with: adwId.describe("The other run."),
});

/** Two runs, side by side: sums over their executions, phases and changes of the latest one. */
export const runComparison = z
  .object({ a: comparedRun, b: comparedRun, difference: differences, phases })
  .meta({ id: "RunComparison" });
export type RunComparison = z.output<typeof runComparison>;
