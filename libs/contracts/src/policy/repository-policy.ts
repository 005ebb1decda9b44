import { z } from "zod";
import { MAX_INTEGER, plainName, plainText, usd } from "../http/fields.js";

const MAX_PATTERN_LENGTH = 300;
const MAX_WEIGHT = 100;
const MAX_ENTRIES = 500;
const MAX_POLICY_LENGTH = 10_000;

const whole = (min: number, max = MAX_INTEGER) =>
  z
    .int("must be a whole number")
    .min(min, `must be at least ${min.toString()}`)
    .max(max, `must be at most ${max.toString()}`)
    .optional();

const list = <S extends z.ZodType>(item: S) =>
  z
    .array(item, "must be a list")
    .max(MAX_ENTRIES, `must name at most ${MAX_ENTRIES.toString()}`)
    .optional();

const patterns = list(plainText(MAX_PATTERN_LENGTH));

/** What a repository wishes of the guard over its commits, beyond what the installation asks for. */
export const guardWishes = z
  .strictObject(
    {
      block: patterns.describe(
        "Globs over paths, in any case of letters: who changes such a file is refused.",
      ),
      review: patterns.describe(
        "Globs over paths: changes of such files are named, so that a person looks at them.",
      ),
      max_files: whole(0).describe("How many files a commit may change."),
      max_file_bytes: whole(0).describe("Bytes that a changed file may have."),
      max_total_bytes: whole(0).describe(
        "Bytes that all changed files together may have.",
      ),
    },
    { error: notAnObject },
  )
  .meta({ id: "GuardWishes" });

/**
 * Everything that a repository's policy can say; each field narrows or orders what the installation allows.
 *
 * Whoever sets a policy is held to it. Whoever reads a stored one is lenient, since an older or newer version may have
 * written it: what is malformed there is no wish.
 */
export const repositoryPolicy = z
  .strictObject(
    {
      cancel_on_close: z
        .boolean("must be true or false")
        .optional()
        .describe(
          "Whether closing an issue, or merging its run's pull request by hand, cancels the run. Unset: it does.",
        ),
      allowed_actor_ids: list(
        z.int("must be GitHub's id of an account").positive("must be positive"),
      ).describe(
        "GitHub's ids of the accounts that may ask without write permission; the only way for a bot.",
      ),
      agent_route: list(plainName).describe(
        "Agents in the order in which they go on; goes before `AGENT_ROUTE`. Those that the installation does not have are passed over.",
      ),
      max_concurrent: whole(0).describe(
        "Phases of this repository that are worked on at once. Unset: no limit of its own.",
      ),
      weight: whole(1, MAX_WEIGHT).describe(
        "Its share of the slots, against the weights of the other repositories. Unset: 1.",
      ),
      max_run_usd: usd
        .optional()
        .describe(
          "What one run may cost in US dollars; narrows `MAX_RUN_USD`.",
        ),
      max_phase_usd: usd
        .optional()
        .describe("What one phase may cost in US dollars."),
      max_agent_usd: usd
        .optional()
        .describe("What one agent may cost in one execution, in US dollars."),
      max_execution_usd: usd
        .optional()
        .describe("What one execution may cost in US dollars."),
      max_work_item_usd: usd
        .optional()
        .describe(
          "What all runs of one work item may cost together, in US dollars.",
        ),
      max_day_usd: usd
        .optional()
        .describe(
          "What all runs of this repository may cost on one day (UTC), in US dollars.",
        ),
      guard: guardWishes
        .optional()
        .describe(
          "Adds to the guard over commits: it can lengthen the lists and lower the limits, never the other way.",
        ),
    },
    { error: notAnObject },
  )
  .refine(
    (policy) => JSON.stringify(policy).length <= MAX_POLICY_LENGTH,
    `must have at most ${MAX_POLICY_LENGTH.toString()} characters as JSON`,
  )
  .meta({ id: "RepositoryPolicy" });
export type RepositoryPolicy = z.output<typeof repositoryPolicy>;

/** Unknown fields are named where the request is answered. */
function notAnObject({ code }: { readonly code?: string | undefined }) {
  return code === "invalid_type" ? "must be an object" : undefined;
}
