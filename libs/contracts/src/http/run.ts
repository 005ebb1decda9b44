import {
  failureClasses,
  issueClasses,
  phaseStatuses,
  runOutcomes,
  runStatuses,
  waitReasons,
} from "@pullwright/domain";
import { z } from "zod";
import { adwId, moment } from "./fields.js";
import { runBudget } from "./money.js";

const optionalMoment = moment.nullable();

/** One step of a run's current execution. */
export const runPhase = z
  .object({
    phase: z.string(),
    status: z.enum(phaseStatuses),
    started_at: optionalMoment,
    completed_at: optionalMoment,
    error: z.string().nullable(),
    error_class: z.enum(failureClasses).nullable(),
    round: z.int().describe("Above 1: repeated after a failed test."),
    summary: z.string().nullable(),
    commit_sha: z.string().nullable(),
    reused_from: z
      .int()
      .nullable()
      .describe("The execution whose result a retry kept."),
  })
  .meta({ id: "RunPhase" });

/** What went wrong, newest last. */
export const runError = z
  .object({
    phase: z.string().nullable(),
    class: z.enum(failureClasses).nullable(),
    message: z.string(),
  })
  .meta({ id: "RunError" });

export const waiting = z
  .object({
    reason: z.enum(waitReasons),
    message: z.string(),
    since: moment,
    resume_at: optionalMoment.describe("When the run goes on by itself."),
    deadline: moment.describe("When the wait ends in `failed`."),
  })
  .meta({ id: "Waiting" });

export const cost = z
  .object({
    spent_usd: z.number(),
    limit_usd: z.number().nullable(),
  })
  .meta({ id: "Cost" });

const common = {
  id: z.uuid(),
  adw_id: adwId,
  repository: z.string(),
  issue_number: z.int().nullable(),
  title: z.string().describe("As a stranger wrote it: escape it."),
  workflow: z.string(),
  workflow_type: z.string(),
  status: z.enum(runStatuses),
  outcome: z.enum(runOutcomes).nullable(),
  waiting_reason: z.enum(waitReasons).nullable(),
  execution: z.int(),
  branch_name: z.string(),
  pull_request_url: z.string().nullable(),
  error_message: z.string().nullable(),
  error_class: z.enum(failureClasses).nullable(),
  triggered_by: z.string(),
  created_at: moment,
  started_at: optionalMoment,
  completed_at: optionalMoment,
};

/** A run as lists show it. */
export const runSummary = z
  .object({
    ...common,
    phase: z.string().nullable().describe("The phase it is at."),
    spent_usd: z.number(),
  })
  .meta({ id: "RunSummary" });
export type RunSummaryShape = z.output<typeof runSummary>;

/** A run with its phases. */
export const run = z
  .object({
    ...common,
    trigger_source: z.string(),
    classification: z.enum(issueClasses).nullable(),
    agent: z.string().nullable(),
    model: z.string().nullable(),
    note: z.string().nullable(),
    base_branch: z.string(),
    plan_file: z.string().nullable(),
    pull_request_number: z.int().nullable(),
    implementation_summary: z.string().nullable(),
    error_phase: z.string().nullable(),
    waiting: waiting.nullable(),
    cancel_requested: z.boolean(),
    cost,
    budgets: z
      .array(runBudget)
      .describe(
        "The limits of what it takes itself, with what remains. Those it shares with other work items are in /api/budgets.",
      ),
    phases: z.array(runPhase),
    errors: z.array(runError),
    updated_at: moment,
  })
  .meta({ id: "Run" });
export type RunShape = z.output<typeof run>;
