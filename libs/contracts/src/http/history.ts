import { z } from "zod";
import { after, limit, moment } from "./fields.js";

/** One entry of a run's history. */
export const runEvent = z
  .object({
    seq: z.int(),
    execution: z.int(),
    type: z.string(),
    actor: z.string(),
    payload: z.record(z.string(), z.unknown()),
    created_at: moment,
  })
  .meta({ id: "RunEvent" });
export type RunEventShape = z.output<typeof runEvent>;

export const historyQuery = z.strictObject({ after, limit: limit(100) });
export const historyStreamQuery = z.strictObject({ after });

export const history = z
  .object({ items: z.array(runEvent), next_after: z.int() })
  .meta({ id: "RunEvents" });
