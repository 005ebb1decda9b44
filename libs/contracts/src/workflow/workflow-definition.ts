import {
  phaseKinds,
  phaseWrites,
  workflowStarts,
  type WorkflowDefinition,
} from "@pullwright/domain";
import { z } from "zod";
import { modelName, plainName, plainText, usd } from "../http/fields.js";

const MAX_PHASES = 50;
const MAX_DESCRIPTION_LENGTH = 500;
/** A week: longer than any wait of a person for a phase. */
const MAX_MINUTES = 7 * 24 * 60;

const minutes = z
  .number("must be a number of minutes")
  .positive("must be more than 0")
  .max(MAX_MINUTES, `must be at most ${MAX_MINUTES.toString()}`);

const phaseDefinition = z.strictObject({
  name: plainName,
  kind: z.enum(phaseKinds),
  writes: z.enum(phaseWrites),
  agent: plainName.exactOptional(),
  model: modelName.exactOptional(),
  budgetUsd: usd.exactOptional(),
  timeoutMinutes: minutes,
  stallMinutes: minutes,
});

/**
 * What a {@link WorkflowDefinition} must be before a run may pin it. Whoever reads a pinned one is lenient, since a newer
 * version may have written it.
 */
export const workflowDefinition: z.ZodType<WorkflowDefinition> = z.strictObject(
  {
    name: plainName,
    version: z.int("must be a whole number").min(1, "must be at least 1"),
    description: plainText(MAX_DESCRIPTION_LENGTH),
    start: z.enum(workflowStarts),
    phases: z
      .array(phaseDefinition)
      .min(1, "must have at least one phase")
      .max(MAX_PHASES, `must have at most ${MAX_PHASES.toString()} phases`)
      .refine(
        (phases) =>
          new Set(phases.map(({ name }) => name)).size === phases.length,
        "must have names that differ",
      )
      .refine(
        ([first]) => first?.kind !== "builtin",
        "must not begin with a built-in phase, which nobody claims",
      ),
  },
);
