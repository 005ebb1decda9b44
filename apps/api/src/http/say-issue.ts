import { z } from "zod";

/**
 * Says what a field must be where its schema has no wording of its own: zod's sentences tell of types, not of how to mend
 * a request.
 */
export const sayIssue: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return must(
        issue.input,
        `be ${kinds[issue.expected] ?? "another value"}`,
      );
    case "invalid_value":
      return must(
        issue.input,
        issue.values.length === 1
          ? `be ${String(issue.values[0])}`
          : `be one of ${issue.values.map(String).join(", ")}`,
      );
    case "invalid_format":
      return must(issue.input, formats[issue.format] ?? "be well-formed");
    case "too_big":
      return `must ${amount("at most", issue.maximum, issue.origin)}`;
    case "too_small":
      return `must ${amount("at least", issue.minimum, issue.origin)}`;
    case "unrecognized_keys":
      return unknownField(issue.inst);
    case "not_multiple_of":
    case "invalid_union":
    case "invalid_key":
    case "invalid_element":
    case "custom":
      return "cannot be used here";
  }
};

/** What zod's types are called by those who write JSON. */
const kinds: Readonly<Record<string, string>> = {
  string: "a text in quotation marks",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list in square brackets",
  object: "a JSON object in braces",
  record: "a JSON object in braces",
};

const formats: Readonly<Record<string, string>> = {
  uuid: "be an id such as 8a7c1b1e-4e53-4b51-9a3e-000000000000",
  datetime: "be a moment in UTC such as 2026-01-31T12:00:00Z",
  date: "be a day such as 2026-01-31",
};

const units: Readonly<Record<string, string>> = {
  string: " characters",
  array: " entries",
};

const must = (input: unknown, what: string): string =>
  input === undefined ? `is missing: it must ${what}` : `must ${what}`;

function amount(bound: string, limit: number | bigint, origin: string): string {
  const unit = units[origin];
  const text = `${bound} ${limit.toString()}`;
  return unit === undefined ? `be ${text}` : `have ${text}${unit}`;
}

function unknownField(schema: unknown): string {
  const known = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
  return known.length === 0
    ? "is not known here"
    : `is not known here; known are ${known.join(", ")}`;
}
