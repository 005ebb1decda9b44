import { policyMoneyFields } from "@pullwright/domain";
import { z } from "zod";
import { moment, repositoryName, usd } from "./fields.js";

/** A repository that Pullwright serves. */
export const repository = z
  .object({
    id: z.uuid(),
    github_id: z.int(),
    full_name: z.string(),
    owner: z.string(),
    name: z.string(),
    default_branch: z.string(),
    enabled: z.boolean(),
    policy: z.record(z.string(), z.unknown()),
    created_at: moment,
  })
  .meta({ id: "Repository" });
export type RepositoryShape = z.output<typeof repository>;

export const registerRepositoryBody = z.strictObject({
  repository: repositoryName,
});

const MAX_POLICY_LENGTH = 10_000;

const json = z.json().refine(
  // Postgres keeps neither NUL nor lone surrogates, wherever they stand.
  (value) => !/\\u0000|\\ud[89a-f][0-9a-f]{2}/i.test(JSON.stringify(value)),
  "must be text that Postgres can keep",
);

const moneyFields = policyMoneyFields.map((name) => `\`${name}\``).join(", ");

export const changeRepositoryBody = z
  .strictObject({
    enabled: z.boolean().optional(),
    policy: z
      .record(z.string().max(100), json)
      .refine(
        (policy) => JSON.stringify(policy).length <= MAX_POLICY_LENGTH,
        `must have at most ${MAX_POLICY_LENGTH.toString()} characters as JSON`,
      )
      .superRefine((policy, context) => {
        for (const field of policyMoneyFields) {
          const limit = usd.optional().safeParse(policy[field]);
          for (const { message } of limit.error?.issues ?? [])
            context.addIssue({ code: "custom", path: [field], message });
        }
      })
      .optional()
      .describe(
        `Narrows the installation's policy; replaces the former one. In US dollars: ${moneyFields}.`,
      ),
  })
  .refine((body) => Object.keys(body).length > 0, {
    path: ["enabled"],
    message: "give enabled or policy",
  });
