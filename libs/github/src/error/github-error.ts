import type { FailureClass } from "@pullwright/domain";
import { AppError, type ErrorLevel } from "@pullwright/platform";

/** Every way in which GitHub can refuse; callers branch on this and on nothing else. */
export type GitHubFault =
  /** Not there, or not visible to us: GitHub does not say which. */
  | "not_found"
  /** A permission is missing. */
  | "forbidden"
  /** The credentials are wrong, expired or missing. */
  | "unauthorized"
  | "rate_limited"
  /** It cannot be done in the present state (409, 405). */
  | "conflict"
  /** The request was understood and refused (422); `details` say which fields. */
  | "validation"
  /** No usable answer: the network, a timeout, 5xx, truncated or unexpected content. */
  | "unavailable";

/** One entry of a 422's `errors`. */
export interface ValidationDetail {
  readonly resource?: string | undefined;
  readonly field?: string | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

export interface GitHubErrorOptions {
  readonly status?: number | undefined;
  readonly cause?: unknown;
  readonly details?: readonly ValidationDetail[];
  readonly rateLimit?: RateLimit;
  readonly isUncertain?: boolean;
  readonly said?: string;
}

/** Until when GitHub wants no more requests, and which of its limits says so. */
export interface RateLimit {
  readonly kind: "primary" | "secondary";
  readonly resumeAt: Date;
}

const levels: Readonly<Record<GitHubFault, ErrorLevel>> = {
  not_found: "info",
  forbidden: "error",
  unauthorized: "error",
  rate_limited: "warn",
  conflict: "info",
  validation: "warn",
  unavailable: "warn",
};

/** GitHub did not do what it was asked. The message names the request and never holds a token. */
export class GitHubError extends AppError {
  readonly fault: GitHubFault;
  readonly status: number | undefined;
  readonly details: readonly ValidationDetail[];
  /** Set when the fault is `rate_limited`. */
  readonly rateLimit: RateLimit | undefined;
  /** A write that may have happened all the same: look before you repeat it. */
  readonly isUncertain: boolean;
  /** The reason in the server's own words; empty for an answer that is not GitHub's, such as a proxy's page. */
  readonly said: string;

  constructor(
    fault: GitHubFault,
    message: string,
    options: GitHubErrorOptions = {},
  ) {
    super(`github_${fault}`, message, {
      level: levels[fault],
      ...("cause" in options ? { cause: options.cause } : {}),
    });
    this.fault = fault;
    this.status = options.status;
    this.details = options.details ?? [];
    this.rateLimit = options.rateLimit;
    this.isUncertain = options.isUncertain ?? false;
    this.said = options.said ?? "";
  }
}

const failureClasses: Readonly<Record<GitHubFault, FailureClass>> = {
  not_found: "invalid_input",
  forbidden: "auth",
  unauthorized: "auth",
  rate_limited: "quota",
  conflict: "conflict",
  validation: "invalid_input",
  unavailable: "transient",
};

/** What a phase's failure is called when GitHub is the cause. */
export function failureClassOf(error: GitHubError): FailureClass {
  return failureClasses[error.fault];
}

/** Whether this was thrown because of GitHub; with a fault named, only for that one. */
export function isGitHubError(
  thrown: unknown,
  fault?: GitHubFault,
): thrown is GitHubError {
  return (
    thrown instanceof GitHubError &&
    (fault === undefined || thrown.fault === fault)
  );
}
