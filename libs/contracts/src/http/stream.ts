import { z } from "zod";

/** What `GET /api/events` sends, one JSON object a message. */
export const streamMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("heartbeat"), ts: z.int() }),
  z.object({
    type: z.literal("run.changed"),
    adw_id: z.string(),
    event_seq: z.int(),
  }),
]);
export type StreamMessage = z.output<typeof streamMessage>;

/** The last message of a run's stream (`event: end`): the run has ended and all was sent. */
export const streamEnd = z.object({ adw_id: z.string(), status: z.string() });

/** Where a stream goes on after a broken connection. */
export const resumeHeaders = z.object({
  "last-event-id": z
    .string()
    .regex(/^\d{1,16}$/, "must be the id of a message of this stream")
    .optional(),
});
