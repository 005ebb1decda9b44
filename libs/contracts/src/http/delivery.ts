import { z } from "zod";
import { adwId, limit, moment, repositoryName } from "./fields.js";

const verdicts = ["started", "moved", "ignored", "failed"] as const;

/** What deliveries can be asked for by; `open` are those that are not handled yet. */
export const deliveryVerdicts = [...verdicts, "open"] as const;

/** Which deliveries, newest first. */
export const deliveryQuery = z.strictObject({
  repository: repositoryName.optional(),
  verdict: z
    .enum(deliveryVerdicts)
    .optional()
    .describe("`open` are those that are not handled yet."),
  limit: limit(50),
  cursor: z
    .string()
    .regex(/^[\w-]{1,200}$/, "must be the next_cursor of another answer")
    .optional(),
});

/** What came in, and what became of it. */
export const delivery = z
  .object({
    id: z.uuid(),
    source: z
      .enum(["webhook", "poll", "hook_log"])
      .describe("`hook_log`: a webhook that failed, taken from GitHub's log."),
    guid: z.string(),
    event: z.string(),
    action: z.string().nullable(),
    repository: z.string().nullable(),
    received_at: moment,
    handled_at: moment.nullable(),
    failures: z.int(),
    verdict: z.enum(verdicts).nullable(),
    reason: z.string().nullable().describe("Why it got its verdict."),
    cause: z.string().nullable(),
    adw_id: adwId.nullable().describe("The run that it started or moved."),
  })
  .meta({ id: "Delivery" });
export type DeliveryShape = z.output<typeof delivery>;

export const deliveryDetail = delivery
  .extend({
    payload: z.string().nullable().describe("What it said; for admins."),
  })
  .meta({ id: "DeliveryDetail" });

export const deliveryPage = z
  .object({
    items: z.array(delivery),
    page_size: z.int(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "DeliveryPage" });
