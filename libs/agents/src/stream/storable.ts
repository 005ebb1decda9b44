/** Longest text of one event. A log row is for people; the transcript artifact keeps the rest. */
export const EVENT_TEXT_LIMIT = 64 * 1024;
/** Longest final answer: a plan in Markdown is the largest we expect. */
export const ANSWER_LIMIT = 256 * 1024;
const VALUE_TEXT_LIMIT = 4 * 1024;
const VALUE_DEPTH = 6;
const VALUE_ITEMS = 100;

const unstorable = /[\0\p{Surrogate}]/gu;

/**
 * Text that Postgres can store and a person can read: no NUL, no half surrogate pairs (jsonb refuses both), and
 * no more than `limit` characters, the cut said.
 */
export function storableText(text: string, limit = EVENT_TEXT_LIMIT): string {
  const cut = text.length > limit ? text.slice(0, limit) : text;
  const clean = cut.replace(unstorable, "\uFFFD");
  return text.length > limit
    ? `${clean}… (${text.length - limit} more characters)`
    : clean;
}

/** The same for a tool's input: bounded in depth, length and width, so that storing it cannot fail or flood. */
export function storableValue(value: unknown, depth = VALUE_DEPTH): unknown {
  if (typeof value === "string") return storableText(value, VALUE_TEXT_LIMIT);
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null) return null;
  if (depth === 0) return "…";
  if (Array.isArray(value)) {
    return value
      .slice(0, VALUE_ITEMS)
      .map((item) => storableValue(item, depth - 1));
  }
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, VALUE_ITEMS)
      .map(([key, field]) => [
        storableText(key, 200),
        storableValue(field, depth - 1),
      ]),
  );
}
