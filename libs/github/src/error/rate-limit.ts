import { graphqlErrorsOf, type GraphqlError } from "./graphql-errors.js";
import type { RateLimit } from "./github-error.js";

const SECOND_MS = 1000;
/** GitHub's advice for a secondary limit that names no time. */
const UNNAMED_PAUSE_MS = 60 * SECOND_MS;
/** Primary limits reset hourly; a longer pause is a clock or a proxy gone wrong. */
const LONGEST_PAUSE_MS = 3600 * SECOND_MS;

/** Lower-case names, as fetch gives them. */
export type AnswerHeaders = Readonly<
  Record<string, string | number | undefined>
>;

/** Reads a 403, a 429 or GraphQL's errors: a rate limit, and until when; undefined for anything else. */
export function readRateLimit(
  answer: {
    readonly status: number;
    readonly headers: AnswerHeaders;
    readonly data: unknown;
  },
  nowMs: number,
): RateLimit | undefined {
  const isNamed = graphqlErrorsOf(answer.data).some(isLimit);
  // GraphQL refuses with status 200, and then only its errors tell for what.
  const mayBeLimit =
    answer.status === 200
      ? isNamed
      : answer.status === 403 || answer.status === 429;
  if (!mayBeLimit) return undefined;
  const retryAfterMs = pauseOf(answer.headers["retry-after"], nowMs);
  if (retryAfterMs !== undefined)
    return limit("secondary", nowMs + retryAfterMs, nowMs);
  if (String(answer.headers["x-ratelimit-remaining"]) === "0")
    return limit("primary", resetMs(answer.headers, nowMs), nowMs);
  // GitHub marks a secondary limit without a time in its text only.
  if (answer.status === 429 || isNamed || speaksOfLimit(answer.data))
    return limit("secondary", nowMs + UNNAMED_PAUSE_MS, nowMs);
  return undefined;
}

/** When the primary limit of these headers starts anew. */
export function resetMs(headers: AnswerHeaders, nowMs: number): number {
  const seconds = Number(headers["x-ratelimit-reset"]);
  // A second more: the reset is cut down to whole seconds.
  return Number.isSafeInteger(seconds) && seconds > 0
    ? (seconds + 1) * SECOND_MS
    : nowMs + UNNAMED_PAUSE_MS;
}

function limit(
  kind: RateLimit["kind"],
  resumeMs: number,
  nowMs: number,
): RateLimit {
  const boundedMs = Math.min(
    Math.max(resumeMs, nowMs + SECOND_MS),
    nowMs + LONGEST_PAUSE_MS,
  );
  return { kind, resumeAt: new Date(boundedMs) };
}

/** `retry-after` is a number of seconds, or a date when a proxy wrote it. */
function pauseOf(
  value: string | number | undefined,
  nowMs: number,
): number | undefined {
  if (value === undefined || value === "") return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds) * SECOND_MS;
  const dateMs = Date.parse(String(value));
  return Number.isNaN(dateMs) ? UNNAMED_PAUSE_MS : Math.max(0, dateMs - nowMs);
}

function isLimit({ type, message }: GraphqlError): boolean {
  // The first is in GitHub's documentation, the second in its answers.
  return (
    type === "RATE_LIMITED" || type === "RATE_LIMIT" || namesLimit(message)
  );
}

function speaksOfLimit(data: unknown): boolean {
  if (typeof data !== "object" || data === null) return false;
  const { message, documentation_url: page } = data as Record<string, unknown>; // Any object; both fields stay unknown.
  return namesLimit(
    `${typeof message === "string" ? message : ""} ${typeof page === "string" ? page : ""}`,
  );
}

function namesLimit(text: string): boolean {
  return /secondary[ -]rate|abuse[ -](?:detection|rate)/i.test(
    text.slice(0, 2000),
  );
}
