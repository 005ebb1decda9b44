import type { FieldProblem, ProblemType } from "@pullwright/contracts";
import { AppError, type ErrorLevel } from "@pullwright/platform";

const statuses: Readonly<Record<ProblemType, number>> = {
  "invalid-request": 400,
  unauthorized: 401,
  forbidden: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  "live-run-exists": 409,
  "run-not-ended": 409,
  "not-possible-now": 409,
  "last-admin-key": 409,
  "repository-disabled": 409,
  "repository-replaced": 409,
  "idempotency-key-reused": 422,
  "too-large": 413,
  "unsupported-media-type": 415,
  "too-many-requests": 429,
  "github-refused": 502,
  unavailable: 503,
  "internal-error": 500,
};

interface ProblemExtras {
  readonly errors?: readonly FieldProblem[];
  /** The run that stands in the way. */
  readonly adwId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

const levelOf = (status: number): ErrorLevel =>
  status >= 500 ? "error" : "info";

/** A refusal on its way to the caller; its message is the problem's `detail`. */
export class ApiProblem extends AppError {
  readonly status: number;

  constructor(
    readonly type: ProblemType,
    detail: string,
    readonly extras: ProblemExtras = {},
  ) {
    const status = statuses[type];
    super(type, detail, {
      level: levelOf(status),
      expose: true,
      ...("cause" in extras ? { cause: extras.cause } : {}),
    });
    this.status = status;
  }
}

/** A request with fields that cannot be used. */
export function invalidRequest(errors: readonly FieldProblem[]): ApiProblem {
  const detail = errors.map((e) => `${e.field}: ${e.message}`).join("; ");
  return new ApiProblem("invalid-request", detail, { errors });
}

/** Also for what the caller may not see: which of the two is not told. */
export function notFound(what: string): ApiProblem {
  return new ApiProblem("not-found", `There is no ${what}.`);
}
