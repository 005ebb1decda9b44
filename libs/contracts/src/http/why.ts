import { runStatuses, waitReasons } from "@pullwright/domain";
import { z } from "zod";
import { adwId, moment } from "./fields.js";

export const whyReasons = [
  "ended",
  "cancelling",
  "running",
  "publishing",
  "queued",
  "back_off",
  ...waitReasons,
] as const;

/** The one thing that a run waits for, or what it is doing. */
export const why = z
  .object({
    adw_id: adwId,
    status: z.enum(runStatuses),
    reason: z.enum(whyReasons),
    message: z.string().describe("One sentence for people."),
    phase: z.string().nullable(),
    since: moment.nullable(),
    until: moment
      .nullable()
      .describe("When it goes on by itself, or the wait ends in `failed`."),
    queued_ahead: z.int().nullable(),
    runner: z.string().nullable(),
  })
  .meta({ id: "Why" });
export type Why = z.output<typeof why>;
