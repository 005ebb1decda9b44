import { codeOf, messageOf } from "@pullwright/platform";
import { z } from "zod";
import {
  GitHubError,
  type GitHubFault,
  type ValidationDetail,
} from "./github-error.js";
import { readRateLimit, type AnswerHeaders } from "./rate-limit.js";

const MAX_MESSAGE_LENGTH = 300;

/** A request as error messages name it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly isWrite: boolean;
}

/** Any answer, also an unhappy one. */
export interface Answer {
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly data: unknown;
}

/** Failures after which nothing can have reached GitHub. */
const unsent = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Names the fault of an answer that refuses: a status of 400 or more, or a limit of GraphQL's. */
export function refusalOf(
  call: Call,
  answer: Answer,
  nowMs: number,
): GitHubError {
  const rateLimit = readRateLimit(answer, nowMs);
  const fault = rateLimit ? "rate_limited" : faultOf(answer.status);
  const said = textOf(answer.data);
  return new GitHubError(
    fault,
    `${nameOf(call)} was answered ${answer.status.toString()}${said ? `: ${said}` : ""}`,
    {
      status: answer.status,
      said,
      details: detailsOf(answer.data),
      isUncertain: fault === "unavailable" && call.isWrite,
      ...(rateLimit ? { rateLimit } : {}),
    },
  );
}

/** No answer came. The cause is fetch's own error; Octokit's would carry the request with it. */
export function silenceOf(call: Call, thrown: unknown): GitHubError {
  const cause = rootCause(thrown);
  return new GitHubError(
    "unavailable",
    `${nameOf(call)} had no answer: ${messageOf(cause).slice(0, MAX_MESSAGE_LENGTH)}`,
    { cause, isUncertain: call.isWrite && !unsent.has(codeOf(cause) ?? "") },
  );
}

/** An answer came and is not what GitHub answers: truncated, a proxy's page, another shape. */
export function oddAnswer(
  call: Call,
  status: number,
  problem: string,
): GitHubError {
  return new GitHubError(
    "unavailable",
    `${nameOf(call)} was answered ${status.toString()} with unexpected content: ${problem}`,
    { status, isUncertain: call.isWrite },
  );
}

function nameOf({ method, path }: Call): string {
  return `${method} ${path}`;
}

function faultOf(status: number): GitHubFault {
  switch (status) {
    case 401:
      return "unauthorized";
    case 403:
    case 451:
      return "forbidden";
    case 404:
    case 410:
      return "not_found";
    case 405:
    case 409:
      return "conflict";
    default:
      return status >= 500 || status === 408 ? "unavailable" : "validation";
  }
}

const messageBody = z.object({ message: z.string() });

function textOf(data: unknown): string {
  const body = messageBody.safeParse(data);
  const details = detailsOf(data).flatMap(({ message }) => message ?? []);
  const said = body.success ? [body.data.message, ...details] : details;
  return said.join("; ").slice(0, MAX_MESSAGE_LENGTH);
}

const detailBody = z.object({
  resource: z.string().optional().catch(undefined),
  field: z.string().optional().catch(undefined),
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});
const detailsBody = z.object({
  errors: z.array(
    z.union([z.string().transform((message) => ({ message })), detailBody]),
  ),
});

function detailsOf(data: unknown): readonly ValidationDetail[] {
  const body = detailsBody.safeParse(data);
  return body.success ? body.data.errors.slice(0, 20) : [];
}

function rootCause(thrown: unknown): unknown {
  let cause = thrown;
  for (let depth = 0; depth < 5; depth += 1) {
    if (typeof cause !== "object" || cause === null) break;
    if (!("cause" in cause) || cause.cause === undefined) break;
    cause = cause.cause;
  }
  return cause;
}
