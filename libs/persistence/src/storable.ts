import { types } from "node:util";

/**
 * What a statement is given: Postgres's text holds no NUL, and its jsonb neither that nor half of a surrogate pair, which
 * agents and commands print and a cut leaves behind. Both are shown as the signs that stand for them (␀ and �).
 *
 * The driver itself writes half a pair in a text as �. Looking costs 0.1 µs for 16,000 letters, and 13 µs where they are not
 * all Latin; 1 µs for 2,500 of JSON.
 */
export const storable = (values: readonly unknown[]): unknown[] =>
  values.map(storableValue);

function storableValue(value: unknown): unknown {
  if (typeof value === "string")
    return value.includes("\0") ? value.replaceAll("\0", "\u2400") : value;
  if (Array.isArray(value)) return storable(value);
  return isForJson(value) ? toJson(value) : value;
}

/** Moments and bytes are the driver's to write. */
const isForJson = (value: unknown): value is object =>
  typeof value === "object" &&
  value !== null &&
  !types.isDate(value) &&
  !ArrayBuffer.isView(value);

/** A value for a column of JSON. A list must be given so: the driver would take it for an array of Postgres. */
export function toJson(value: object): string {
  const json = JSON.stringify(value);
  return json.includes("\\u") ? json.replace(escapes, storableEscape) : json;
}

/** Each backslash with what it escapes, so that an escaped backslash before a "u" is none of the others. */
const escapes = /\\(?:u[0-9a-f]{4}|.)/g;

/** `JSON.stringify` writes surrogates as escapes only where they are no pair. */
function storableEscape(escape: string): string {
  if (escape === "\\u0000") return "\u2400";
  return escape.startsWith("\\ud") ? "\ufffd" : escape;
}
