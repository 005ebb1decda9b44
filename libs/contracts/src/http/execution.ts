import { failureClasses, phaseStatuses } from "@pullwright/domain";
import { z } from "zod";
import { moment } from "./fields.js";

/** One try at a phase by one owner. */
export const attempt = z
  .object({
    id: z.uuid().describe("Also the id of its conversation."),
    fence: z.int(),
    owner: z.string(),
    agent: z.string().nullable(),
    model: z.string().nullable(),
    status: z.string(),
    outcome: z.string().nullable(),
    failure_class: z.string().nullable(),
    message: z.string().nullable(),
    started_at: moment,
    ended_at: moment.nullable(),
    input_tokens: z.int(),
    output_tokens: z.int(),
    cost_usd: z.number().nullable(),
  })
  .meta({ id: "Attempt" });

/** A phase with everything that was tried. */
export const phaseDetail = z
  .object({
    id: z.uuid(),
    execution: z.int(),
    position: z.int(),
    phase: z.string(),
    round: z.int(),
    status: z.enum(phaseStatuses),
    available_at: moment,
    infrastructure_losses: z.int(),
    failed_attempts: z.int(),
    reused_from: z.int().nullable(),
    commit_sha: z.string().nullable(),
    output_file: z.string().nullable(),
    error_message: z.string().nullable(),
    error_class: z.enum(failureClasses).nullable(),
    result: z.record(z.string(), z.unknown()).nullable(),
    started_at: moment.nullable(),
    completed_at: moment.nullable(),
    attempts: z.array(attempt),
  })
  .meta({ id: "PhaseDetail" });
export type PhaseDetail = z.output<typeof phaseDetail>;

/** One pass over a run. */
export const execution = z
  .object({
    number: z.int(),
    status: z.string(),
    requested_by: z.string(),
    from_phase: z.string().nullable(),
    note: z.string().nullable(),
    agent: z.string().nullable(),
    model: z.string().nullable(),
    models: z.array(z.string()),
    total_calls: z.int(),
    total_tokens: z.number(),
    total_cost: z.number(),
    duration_ms: z.int().nullable(),
    started_at: moment.nullable(),
    finished_at: moment.nullable(),
    created_at: moment,
  })
  .meta({ id: "Execution" });
export type ExecutionShape = z.output<typeof execution>;

export const executionDetail = execution
  .extend({ phases: z.array(phaseDetail) })
  .meta({ id: "ExecutionDetail" });
