import { z } from "zod";

/** One committed log line as it travels to viewers: short keys, since thousands go by per second. */
export const liveLogLine = z.object({
  /** Position in the run's log. */
  seq: z.int().nonnegative(),
  /** Milliseconds since 1970. */
  at: z.number(),
  level: z.string(),
  phase: z.string().nullable(),
  text: z.string(),
});
export type LiveLogLine = z.output<typeof liveLogLine>;

/**
 * What processes tell each other at once, so that nobody has to poll.
 *
 * Live events may be lost: each says only that something in Postgres changed, and whoever misses one finds it there.
 */
export const liveEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("run.changed"),
    runId: z.uuid(),
    adwId: z.string(),
    /** The newest row of `run_events`. */
    eventSeq: z.int().nonnegative(),
  }),
  z.object({
    type: z.literal("log.appended"),
    runId: z.uuid(),
    adwId: z.string(),
    fromSeq: z.int().nonnegative(),
    toSeq: z.int().nonnegative(),
    /** The lines themselves, so that viewers need no query; null when they were too many to send: read them. */
    lines: z.array(liveLogLine).nullable(),
  }),
  z.object({
    type: z.literal("cancel.requested"),
    runId: z.uuid(),
    adwId: z.string(),
  }),
  z.object({ type: z.literal("delivery.recorded"), deliveryId: z.uuid() }),
]);
export type LiveEvent = z.output<typeof liveEvent>;
export type LiveEventType = LiveEvent["type"];
export type LiveEventOf<T extends LiveEventType> = Extract<
  LiveEvent,
  { type: T }
>;
