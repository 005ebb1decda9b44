import { runStatuses } from "@pullwright/domain";
import { z } from "zod";
import { adwId, modelName, plainName, plainText, usd } from "./fields.js";

const NOTE_LENGTH = 10_000;

/** Opens the next execution: the whole run, or from one phase on. */
export const retryBody = z.strictObject({
  phase: plainName
    .optional()
    .describe("Earlier phases keep their results. Absent: the whole run."),
  note: plainText(NOTE_LENGTH).optional().describe("A hint to the agent."),
  agent: plainName.optional(),
  model: modelName.optional(),
});

export const cancelBody = z.strictObject({
  reason: plainText(1_000).optional(),
});

/** Ends a wait. */
export const continueBody = z.strictObject({
  add_usd: usd.optional().describe("Adds to the run's budget."),
});

/** Where the run stands after a command. */
export const commanded = z
  .object({
    adw_id: adwId,
    status: z.enum(runStatuses),
    execution: z.int(),
    cancel_requested: z.boolean(),
  })
  .meta({ id: "Commanded" });
export type Commanded = z.output<typeof commanded>;
