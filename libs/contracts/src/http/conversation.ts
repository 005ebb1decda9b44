import { z } from "zod";
import { after, limit, moment } from "./fields.js";

/** What an agent said in one attempt. */
export const conversation = z
  .object({
    id: z.uuid(),
    phase: z.string(),
    execution: z.int(),
    agent: z.string().nullable(),
    model: z.string().nullable(),
    status: z.string(),
    started_at: moment,
    ended_at: moment.nullable(),
  })
  .meta({ id: "Conversation" });

export const message = z
  .object({
    id: z.int(),
    role: z.string(),
    content: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    created_at: moment,
  })
  .meta({ id: "Message" });

export const messageQuery = z.strictObject({ after, limit: limit(100) });

export const messagePage = z
  .object({ items: z.array(message), next_after: z.int() })
  .meta({ id: "MessagePage" });
