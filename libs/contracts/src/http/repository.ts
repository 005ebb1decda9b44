import { z } from "zod";
import { repositoryPolicy } from "../policy/repository-policy.js";
import { moment, repositoryName } from "./fields.js";

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
    policy: z
      .record(z.string(), z.unknown())
      .describe(
        "As it was set; an older version may have taken fields that count for nothing.",
      ),
    created_at: moment,
  })
  .meta({ id: "Repository" });
export type RepositoryShape = z.output<typeof repository>;

export const registerRepositoryBody = z.strictObject({
  repository: repositoryName,
});

export const changeRepositoryBody = z
  .strictObject({
    enabled: z.boolean().optional(),
    policy: repositoryPolicy
      .optional()
      .describe("Narrows the installation's policy; replaces the former one."),
  })
  .refine((body) => Object.keys(body).length > 0, {
    path: ["enabled"],
    message: "give enabled or policy",
  });
