import { budgetScopes, EVERY_KEY, runBudgetScopes } from "@pullwright/domain";
import { z } from "zod";
import {
  limit,
  MAX_INTEGER,
  moment,
  plainText,
  repositoryName,
  usd,
} from "./fields.js";

const day = z.iso
  .date("must be a day such as 2026-01-31")
  // Postgres knows no year 0.
  .refine((text) => !text.startsWith("0000"), "must be a day of our era")
  .describe("In UTC, such as 2026-01-31.");

/** By what costs can be summed. */
export const costGroups = [
  "phase",
  "execution",
  "run",
  "work_item",
  "repository",
  "label",
  "day",
  "agent",
  "model",
  "pull_request",
] as const;
export type CostGroup = (typeof costGroups)[number];

export const costQuery = z.strictObject({
  group_by: z.enum(costGroups),
  from: day.optional(),
  to: day.optional().describe("Before this day, in UTC."),
  repository: repositoryName.optional(),
  limit: limit(100),
});

/** What attempts took, summed by one key. */
export const costs = z
  .object({
    group_by: z.enum(costGroups),
    items: z.array(
      z.object({
        key: z.string(),
        cost_usd: z.number(),
        tokens: z.int(),
        attempts: z.int(),
        running: z.int().describe("Attempts that still run and may take more."),
        merged_at: moment
          .nullable()
          .describe("When the pull request was merged; only by pull_request."),
      }),
    ),
  })
  .meta({ id: "Costs" });

const limitUsd = usd.nullable();
const limitTokens = z
  .int("must be a whole number")
  .min(0, "must not be negative")
  .max(MAX_INTEGER * 1_000, "must be smaller")
  .nullable();

/** A limit that runs share. */
export const budget = z
  .object({
    scope: z
      .enum(budgetScopes)
      .describe(
        "What is counted together: `phase` and `agent` within one execution of a run.",
      ),
    key: z
      .string()
      .describe(
        "A phase's or an agent's name, an adw_id, an issue's number or a label; `*`: each of its scope has the limit for itself.",
      ),
    repository: repositoryName
      .nullable()
      .describe("Null: it counts all repositories."),
    limit_usd: limitUsd,
    limit_tokens: limitTokens,
    spent_usd: z
      .number()
      .nullable()
      .describe("Null where each of its scope has the limit for itself."),
    spent_tokens: z.int().nullable(),
    reserved_usd: z
      .number()
      .nullable()
      .describe("Promised to attempts that run."),
    reserved_tokens: z.int().nullable(),
    created_by: z
      .string()
      .describe(
        "`policy` and `configuration`: it follows the repository's policy or MAX_DAY_USD, and is changed there.",
      ),
    updated_at: moment,
  })
  .meta({ id: "Budget" });
export type BudgetShape = z.output<typeof budget>;

/** What is left of a limit for one run. */
export const runBudget = z
  .object({
    scope: z.enum(runBudgetScopes),
    key: z
      .string()
      .describe(
        "The phase or the agent that it is about, the execution's number, the adw_id, or the issue's number.",
      ),
    limit_usd: limitUsd,
    limit_tokens: limitTokens,
    spent_usd: z.number(),
    spent_tokens: z.int(),
    reserved_usd: z.number().describe("Promised to the attempt that runs."),
    reserved_tokens: z.int(),
    remaining_usd: z
      .number()
      .nullable()
      .describe("Null without such a limit; below 0 when it was passed."),
    remaining_tokens: z.int().nullable(),
  })
  .meta({ id: "RunBudget" });
export type RunBudgetShape = z.output<typeof runBudget>;

const putBudgetFields = z.strictObject({
  scope: z.enum(budgetScopes),
  key: plainText(200)
    .default(EVERY_KEY)
    .describe(
      "A phase's or an agent's name, an adw_id or an issue's number; `*`: each of them has the limit for itself. A label's name, never `*`. Of `execution`, `repository` and `day` always `*`: one repository is named in `repository`.",
    ),
  repository: repositoryName
    .nullable()
    .default(null)
    .describe("Null: it counts all repositories."),
  limit_usd: limitUsd.default(null),
  limit_tokens: limitTokens.default(null),
});

/** Without a limit it removes a budget, and then takes keys that were once let in. */
export const putBudgetBody = putBudgetFields.superRefine((body, context) => {
  if (body.limit_usd === null && body.limit_tokens === null) return;
  const message = keyProblem(body);
  if (message !== null)
    context.addIssue({ code: "custom", path: ["key"], message });
});

/** Why a budget with this key would limit nobody, or everybody; null when it limits what it names. */
function keyProblem({
  scope,
  key,
}: z.output<typeof putBudgetFields>): string | null {
  const isEvery = key === EVERY_KEY;
  switch (scope) {
    case "phase":
    case "agent":
    case "run":
    case "work_item":
      return null;
    case "label":
      return isEvery ? "must not be `*`: name a label" : null;
    case "repository":
      return isEvery ? null : "must be `*`: name it in `repository`";
    case "execution":
    case "day":
      return isEvery
        ? null
        : `must be \`*\`: each ${scope} has the limit for itself`;
  }
}
