import { phaseKinds, phaseWrites, workflowStarts } from "@pullwright/domain";
import { z } from "zod";

/** An agent that this installation can run. */
export const agentInfo = z
  .object({
    name: z.string(),
    description: z.string(),
    default: z.boolean(),
    model: z
      .string()
      .nullable()
      .describe("The default model, where one is set."),
  })
  .meta({ id: "Agent" });

/** A workflow that can be triggered. */
export const definition = z
  .object({
    name: z.string(),
    version: z.int(),
    description: z.string(),
    default: z.boolean(),
    start: z.enum(workflowStarts),
    phases: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(phaseKinds),
        writes: z.enum(phaseWrites),
        agent: z.string().nullable(),
        model: z.string().nullable(),
        timeout_minutes: z.number(),
        stall_minutes: z.number(),
      }),
    ),
  })
  .meta({ id: "Definition" });
