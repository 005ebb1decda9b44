import type { AgentError } from "@pullwright/contracts";

type ErrorClass = AgentError["class"];

/** What providers and CLIs call their errors in fields meant for machines. */
const classByName: Readonly<Record<string, ErrorClass>> = {
  authentication_failed: "auth",
  authentication_error: "auth",
  permission_error: "auth",
  billing_error: "rate_limit",
  rate_limit: "rate_limit",
  rate_limit_error: "rate_limit",
  overloaded: "server",
  overloaded_error: "server",
  server_error: "server",
  api_error: "server",
  timeout_error: "network",
  invalid_request: "invalid_request",
  invalid_request_error: "invalid_request",
  not_found_error: "invalid_request",
  request_too_large: "context_overflow",
};

/**
 * Wordings, for where there is nothing better: codex gives no status field and both CLIs hide context overflow in a
 * plain 400. Seen in recorded runs or in the CLIs' documentation; a new wording ends as `unknown`, which is safe.
 */
const classByWording: readonly (readonly [RegExp, ErrorClass])[] = [
  [
    /context (?:window|length)|prompt is too long|maximum context|too many tokens/i,
    "context_overflow",
  ],
  [/no (?:conversation|session|thread|rollout) found/i, "session_not_found"],
  [
    /unable to connect|econnrefused|econnreset|enotfound|etimedout|eai_again|connection (?:refused|reset|closed|error)|fetch failed|stream disconnected|error sending request/i,
    "network",
  ],
  [
    /invalid api key|missing environment variable|not logged in|unauthorized|authentication/i,
    "auth",
  ],
  [
    /rate limit|too many requests|quota|usage limit|credit balance/i,
    "rate_limit",
  ],
  [
    /overloaded|server error|bad gateway|service unavailable|gateway timeout/i,
    "server",
  ],
];

const READ_AT_MOST = 4096;

export interface ErrorFacts {
  readonly httpStatus?: number | undefined;
  readonly name?: string | undefined;
  readonly message: string;
}

/** The class of an error: by status first, then by its name, then by its wording. */
export function errorClass(facts: ErrorFacts): ErrorClass {
  const message = facts.message.slice(0, READ_AT_MOST);
  const wording = classByWording.find(([pattern]) =>
    pattern.test(message),
  )?.[1];
  const byStatus = classOfStatus(facts.httpStatus ?? statusIn(message));
  // A 400 says only that the request was refused, and a CLI's "server_error" covers a dead connection.
  if (wording === "context_overflow" || wording === "network") return wording;
  return byStatus ?? classByName[facts.name ?? ""] ?? wording ?? "unknown";
}

/** The HTTP status that a message names, such as "unexpected status 401 Unauthorized" or "last status: 429". */
export function statusIn(message: string): number | undefined {
  const found = /\b(?:status|error):? ([1-5]\d\d)\b/i.exec(
    message.slice(0, READ_AT_MOST),
  );
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

function classOfStatus(status: number | undefined): ErrorClass | undefined {
  if (status === undefined || status < 400) return undefined;
  if (status === 401 || status === 403) return "auth";
  if (status === 402 || status === 429) return "rate_limit";
  if (status === 408) return "network";
  if (status === 413) return "context_overflow";
  return status >= 500 ? "server" : "invalid_request";
}
