import { fullNamePattern, MAX_LIMIT_USD } from "@pullwright/domain";
import { z } from "zod";

/** The pieces that most HTTP shapes are made of. */

/** A moment, ISO 8601 in UTC. */
export const moment = z.iso.datetime();

/** Largest number that a Postgres `integer` holds. */
export const MAX_INTEGER = 2_147_483_647;

/** What a run is called outside: no look-alikes such as 0 and o (see `isAdwId`). */
export const adwId = z
  .string()
  .regex(/^[2-9a-hjkmnp-z]{8}$/, "must be the eight characters of an adw_id")
  .meta({ example: "k7m2x9qd" });

/** The run in an address: any text, so that what can be no run's id is as unknown as a run that is not there. */
export const runInPath = z.string().meta({
  description: "The run's adw_id; any other text is answered 404.",
  example: "k7m2x9qd",
});

export const issueNumber = z
  .int("must be a whole number")
  .min(1, "must be at least 1")
  .max(MAX_INTEGER, `must be at most ${MAX_INTEGER.toString()}`);

/** A name such as `adw_plan_build` or `speckit.plan`. */
export const plainName = z
  .string()
  .regex(
    /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/,
    "must be a name of letters, digits, _, . and -",
  );

export const modelName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,127}$/, "must be a model's name");

export const repositoryName = z
  .string()
  .regex(fullNamePattern, "must be owner/name")
  .meta({ example: "octo-org/octo-repo" });

/** US dollars. */
export const usd = z
  .number("must be a number of US dollars")
  .min(0, "must not be negative")
  .max(MAX_LIMIT_USD, `must be at most ${MAX_LIMIT_USD.toString()}`);

/** Text from a caller: what Postgres and JSON cannot hold is refused here, where the field can be named. */
export const plainText = (maxLength: number) =>
  z
    .string()
    .min(1, "must not be empty")
    .max(maxLength, `must have at most ${maxLength.toString()} characters`)
    .refine((text) => !text.includes("\0"), "must not contain NUL")
    .refine(
      (text) => !/\p{Surrogate}/u.test(text),
      "must be well-formed Unicode",
    );

/** A whole number in a query or a path: digits only, so that `NaN`, `1e9` and `0x10` are refused and named. */
export const digits = (range: { readonly min: number; readonly max: number }) =>
  z
    .string("must be given once")
    .regex(/^\d{1,16}$/, "must be a whole number")
    .transform(Number)
    .pipe(
      z
        .number()
        .min(range.min, `must be at least ${range.min.toString()}`)
        .max(range.max, `must be at most ${range.max.toString()}`),
    )
    .meta({
      override: { type: "integer", minimum: range.min, maximum: range.max },
    });

/** How many entries a page has at most. */
export const MAX_PAGE_SIZE = 500;

export const limit = (fallback: number) =>
  digits({ min: 1, max: MAX_PAGE_SIZE })
    .optional()
    .transform((value) => value ?? fallback)
    .meta({
      override: {
        type: "integer",
        minimum: 1,
        maximum: MAX_PAGE_SIZE,
        default: fallback,
      },
    });

/** Entries after this number; 0 starts at the beginning. */
export const after = digits({ min: 0, max: Number.MAX_SAFE_INTEGER })
  .optional()
  .transform((value) => value ?? 0)
  .meta({ override: { type: "integer", minimum: 0, default: 0 } });

/** The number of an execution in a path. */
export const executionNumber = digits({ min: 1, max: MAX_INTEGER });

export const pageNumber = digits({ min: 1, max: 1_000_000 });
