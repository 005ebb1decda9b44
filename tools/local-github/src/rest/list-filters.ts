import { HttpError } from "../http/http-error.js";

/** Keeps what changed at or after `since`: the bound itself is in. */
export function since<T>(
  items: readonly T[],
  query: URLSearchParams,
  timeOf: (item: T) => Date,
): T[] {
  const text = query.get("since");
  if (text === null) return [...items];
  const bound = Date.parse(text);
  if (Number.isNaN(bound))
    throw new HttpError(422, "Invalid request.\n\nInvalid since parameter.");
  return items.filter((item) => timeOf(item).getTime() >= bound);
}

/** Sorts by time, and what has the same second by id, which is the order of making. */
export function sorted<T extends { readonly id: number }>(
  items: readonly T[],
  query: URLSearchParams,
  timeOf: (item: T) => Date,
  fallback: "asc" | "desc",
): T[] {
  const sign = (query.get("direction") ?? fallback) === "asc" ? 1 : -1;
  return [...items].sort(
    (a, b) => sign * (timeOf(a).getTime() - timeOf(b).getTime() || a.id - b.id),
  );
}
