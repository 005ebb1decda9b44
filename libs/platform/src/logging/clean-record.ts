import { isSecretName, neutralise, redact } from "./redact.js";

const MAX_ITEMS = 100;
const MAX_TEXT = 16_384;

/** What JSON can say. */
export type Json =
  string | number | boolean | null | Json[] | { [name: string]: Json };

/** Makes a record safe to write: no secrets, no control characters, bounded. */
export function clean(value: Json, secrets: readonly string[]): Json {
  if (typeof value === "string") return cleanText(value, secrets);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value))
    return value.slice(0, MAX_ITEMS).map((item) => clean(item, secrets));
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, cleanField(name, item, secrets)]),
  );
}

function cleanField(
  name: string,
  value: Json,
  secrets: readonly string[],
): Json {
  if (isSecretName(name) && value !== null) return "[redacted]";
  // A line each: the record stays one line and the stack stays readable.
  if (name === "stack" && typeof value === "string")
    return value.split("\n").map((line) => cleanText(line, secrets));
  return clean(value, secrets);
}

function cleanText(text: string, secrets: readonly string[]): string {
  const short =
    text.length > MAX_TEXT
      ? `${text.slice(0, MAX_TEXT)}… (${text.length.toString()} characters)`
      : text;
  // Secrets may hold line ends (private keys), so they go first.
  return neutralise(redact(short, secrets));
}
