import { z } from "zod";
import { after, limit, MAX_PAGE_SIZE, moment, plainName } from "./fields.js";

export const httpLogLevels = ["DEBUG", "INFO", "WARNING", "ERROR"] as const;

const level = z
  .string()
  .transform((text) => text.toUpperCase())
  .pipe(z.enum(httpLogLevels, `must be one of ${httpLogLevels.join(", ")}`))
  .meta({ override: { type: "string", enum: [...httpLogLevels] } });

/** Which lines. They are numbered from 1 within a run. */
export const logQuery = z.strictObject({
  after,
  limit: limit(MAX_PAGE_SIZE),
  phase: plainName.optional(),
  level: level.optional().describe("This level and the more serious ones."),
});

export const logEntry = z
  .object({
    seq: z.int(),
    timestamp: moment,
    level: z.enum(httpLogLevels),
    phase: z.string().nullable(),
    message: z.string().describe("An agent's output: escape it."),
    context: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: "LogEntry" });
export type LogEntryShape = z.output<typeof logEntry>;

export const logPage = z
  .object({
    logs: z.array(z.string()).describe("The messages alone."),
    entries: z.array(logEntry),
    next_after: z.int().describe("Ask with it for what comes next."),
  })
  .meta({ id: "LogPage" });
export type LogPage = z.output<typeof logPage>;

/** Which lines a stream begins with. */
export const logStreamQuery = z.strictObject({ after });
