import { limitKinds, runStatuses, waitReasons } from "@pullwright/domain";
import { z } from "zod";
import { adwId, moment } from "./fields.js";

export const whyReasons = [
  "ended",
  "cancelling",
  "running",
  "publishing",
  "queued",
  "limit",
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
    position: z
      .int()
      .nullable()
      .describe("Its place in the order in which phases begin; 1 is the next."),
    limit: z
      .object({
        of: z.enum(limitKinds),
        name: z
          .string()
          .nullable()
          .describe("The repository or the agent; null for the installation."),
      })
      .nullable()
      .describe("The limit on phases at once that holds it back."),
    estimated_start: moment
      .nullable()
      .describe(
        "The median duration of the latest phases, times its position, shared by the phases that run now. Null when nothing runs or nothing is known.",
      ),
    runner: z.string().nullable(),
  })
  .meta({ id: "Why" });
export type Why = z.output<typeof why>;
