import { runStatuses } from "@pullwright/domain";
import { z } from "zod";
import {
  digits,
  limit,
  pageNumber,
  plainName,
  repositoryName,
} from "./fields.js";
import { runSummary } from "./run.js";

/** Which runs, newest first. `cursor` pages by key and stays fast at any depth; `page` is for people. */
export const runListQuery = z
  .strictObject({
    status: z.enum(runStatuses).optional(),
    repository: repositoryName.optional(),
    workflow: plainName.optional().describe("Its name or its type."),
    issue_number: digits({ min: 1, max: 2_147_483_647 }).optional(),
    limit: limit(50),
    page: pageNumber.optional(),
    cursor: z
      .string()
      .regex(/^[\w-]{1,200}$/, "must be the next_cursor of another answer")
      .optional(),
  })
  .refine((query) => query.page === undefined || query.cursor === undefined, {
    path: ["cursor"],
    message: "give either page or cursor",
  });

export const runList = z
  .object({
    items: z.array(runSummary),
    total: z.int(),
    page: z.int(),
    page_size: z.int(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "RunList" });
export type RunList = z.output<typeof runList>;
