import type { FieldProblem, ProblemType } from "@pullwright/contracts";
import type { AuditNote, RepositoryRef } from "@pullwright/persistence";
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
  /** For the audit alone: the repository that the caller reached for and may not see. */
  readonly foreign?: NonNullable<AuditNote["repository"]>;
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

/** Also for what the caller may not see, of a repository that is `foreign` to them: which of the two is not told. */
export function notFound(
  what: string,
  foreign?: RepositoryRef | null,
): ApiProblem {
  return new ApiProblem(
    "not-found",
    `There is no ${what}.`,
    ofForeign(foreign),
  );
}

/** What the audit is to know of a refusal that tells its caller nothing. */
export function ofForeign(
  repository: RepositoryRef | null | undefined,
): Pick<ProblemExtras, "foreign"> {
  if (repository == null) return {};
  const { id, owner, name } = repository;
  return { foreign: { id, fullName: `${owner}/${name}` } };
}
