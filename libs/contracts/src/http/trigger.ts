import { priorities, runStatuses } from "@pullwright/domain";
import { z } from "zod";
import {
  adwId,
  issueNumber,
  modelName,
  moment,
  plainName,
  plainText,
  repositoryName,
  usd,
} from "./fields.js";

const MAX_TEXT_LENGTH = 65_536;

/** Asks for a run on an issue, or on a text. */
export const triggerBody = z
  .strictObject({
    issue_number: issueNumber.optional(),
    text: plainText(MAX_TEXT_LENGTH)
      .optional()
      .describe("What is to be done, where there is no issue."),
    workflow: plainName.describe("See `GET /api/definitions`."),
    repository: repositoryName
      .optional()
      .describe("May be left out when exactly one repository is registered."),
    agent: plainName.optional().describe("See `GET /api/agents`."),
    model: modelName.optional(),
    priority: z
      .enum(priorities)
      .optional()
      .describe(
        "Who begins first. Left out: what the issue's label says (`priority:high`), else `normal`. A retry keeps it.",
      ),
    budget_usd: usd
      .optional()
      .describe(
        "The run waits for a person once its agents have cost this much.",
      ),
  })
  .superRefine((body, context) => {
    if ((body.issue_number === undefined) !== (body.text === undefined)) return;
    context.addIssue({
      code: "custom",
      path: ["issue_number"],
      message: "give either issue_number or text",
    });
  });
export type TriggerBody = z.output<typeof triggerBody>;

/** Makes a POST safe to repeat: the same key is one request, for ever. */
export const idempotencyHeaders = z.object({
  "idempotency-key": z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, "must be 1 to 200 visible ASCII characters")
    .optional()
    .describe(
      "Makes the request safe to repeat: the same one again is answered with the run as it is then, another one under the same key is refused.",
    ),
});

/** A run that was accepted; it starts by itself. */
export const triggered = z
  .object({
    adw_id: adwId,
    status: z.enum(runStatuses),
    created_at: moment,
  })
  .meta({ id: "Triggered" });
export type Triggered = z.output<typeof triggered>;
