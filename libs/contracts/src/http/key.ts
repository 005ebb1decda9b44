import { z } from "zod";
import { scopes } from "./endpoint.js";
import { moment, plainText, repositoryName } from "./fields.js";

/** An API key, as it is known after it was made. */
export const apiKey = z
  .object({
    id: z.uuid(),
    name: z.string(),
    prefix: z.string().describe("Its first characters, to tell keys apart."),
    scopes: z.array(z.enum(scopes)),
    repositories: z
      .array(z.string())
      .nullable()
      .describe("What it is bound to; null: every repository."),
    created_at: moment,
    expires_at: moment.nullable(),
    last_used_at: moment.nullable().describe("To the minute."),
    revoked_at: moment.nullable(),
  })
  .meta({ id: "ApiKey" });
export type ApiKeyShape = z.output<typeof apiKey>;

export const createdKey = apiKey
  .extend({ key: z.string().describe("The key itself, shown this once.") })
  .meta({ id: "CreatedApiKey" });

const MAX_NAME_LENGTH = 100;
const MAX_REPOSITORIES = 500;

export const createKeyBody = z.strictObject({
  name: plainText(MAX_NAME_LENGTH)
    .refine(
      // Also what has no width or turns the direction: the name stands in the audit and on terminals.
      (name) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(name),
      "must not contain control characters",
    )
    .refine(
      (name) => name === name.trim(),
      "must not begin or end with a space",
    )
    .describe("Whom or what it is for; in histories it is `api:<name>`."),
  scopes: z
    .array(z.enum(scopes))
    .min(1, "must name at least one")
    .refine(
      (list) => new Set(list).size === list.length,
      "must name each once",
    ),
  repositories: z
    .array(repositoryName)
    .min(1, "must name at least one")
    .max(MAX_REPOSITORIES, `must name at most ${MAX_REPOSITORIES.toString()}`)
    .optional()
    .describe("What it is bound to. Unset: every repository."),
  expires_at: moment
    .refine((at) => !(Date.parse(at) <= Date.now()), "must lie in the future")
    .optional()
    .describe("Unset: never."),
});
