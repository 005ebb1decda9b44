import { z } from "zod";
import {
  adwId,
  digits,
  limit,
  moment,
  plainText,
  repositoryName,
} from "./fields.js";

/** One entry of the audit. */
export const auditEntry = z
  .object({
    seq: z.int().describe("Later entries have greater numbers."),
    at: moment,
    actor: z
      .string()
      .describe("`api:` and a key's name, a GitHub login, or a process."),
    action: z.string().meta({ example: "repository.changed" }),
    source: z
      .string()
      .nullable()
      .describe("By which way: `api`, `label`, `comment`, `configuration`, …"),
    origin: z
      .string()
      .nullable()
      .describe("The address that it came from, where there is one."),
    cause: z.string().nullable(),
    repository: z.string().nullable(),
    adw_id: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "AuditEntry" });
export type AuditEntryShape = z.output<typeof auditEntry>;

const MAX_ACTOR_LENGTH = 200;

/** `from` is inclusive, `to` is not. */
const filter = {
  from: moment.optional(),
  to: moment.optional(),
  actor: plainText(MAX_ACTOR_LENGTH).optional(),
  action: z
    .string()
    .regex(
      /^[a-z_]{1,40}\.[a-z_]{1,40}$/,
      "must be an action such as run.deleted",
    )
    .optional(),
  repository: repositoryName.optional(),
  adw_id: adwId.optional(),
};

export const auditExportQuery = z.strictObject(filter);

export const auditQuery = z.strictObject({
  ...filter,
  limit: limit(100),
  cursor: digits({ min: 1, max: Number.MAX_SAFE_INTEGER })
    .optional()
    .describe("The next_cursor of another answer."),
});

export const auditPage = z
  .object({
    items: z.array(auditEntry),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "AuditPage" });
