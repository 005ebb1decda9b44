import { z } from "zod";
import { moment } from "./fields.js";

/** One of GitHub's quotas, as all processes together know it. */
export const githubQuota = z
  .object({
    credential: z
      .string()
      .describe("`token:<hash>`, `app:<id>` or `installation:<id>`."),
    resource: z.enum(["core", "graphql", "search"]),
    limit: z.int().nullable(),
    remaining: z.int().nullable(),
    reset_at: moment.nullable(),
    paused_until: moment
      .nullable()
      .describe("Until then no process asks: GitHub wants silence."),
    reason: z.string().nullable(),
    requests: z
      .object({
        control: z.int(),
        status: z.int(),
        discovery: z.int(),
        refused: z.int().describe("Not sent: they were kept back."),
      })
      .describe("Since the window began."),
    updated_at: moment,
  })
  .meta({ id: "GithubQuota" });
