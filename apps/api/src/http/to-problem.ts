import { HttpException } from "@nestjs/common";
import { GitHubError } from "@pullwright/github";
import { DatabaseUnavailable } from "@pullwright/persistence";
import { codeOf } from "@pullwright/platform";
import { ApiProblem, invalidRequest } from "./api-problem.js";

const RETRY_AFTER_SECONDS = "5";

/** What a caller is told of whatever was thrown; the one place that chooses statuses for others' errors. */
export function toProblem(thrown: unknown): ApiProblem {
  if (thrown instanceof ApiProblem) return thrown;
  if (thrown instanceof DatabaseUnavailable) {
    return new ApiProblem("unavailable", "The database does not answer.", {
      cause: thrown,
      headers: { "retry-after": RETRY_AFTER_SECONDS },
    });
  }
  if (thrown instanceof GitHubError) return ofGitHub(thrown);
  const known = ofFastify(thrown);
  if (known) return known;
  return new ApiProblem(
    "internal-error",
    "The request failed; look for its id in the log.",
    { cause: thrown },
  );
}

function ofGitHub(error: GitHubError): ApiProblem {
  switch (error.fault) {
    case "rate_limited": {
      const resumeAt = error.rateLimit?.resumeAt.getTime() ?? Date.now();
      const seconds = Math.max(1, Math.ceil((resumeAt - Date.now()) / 1000));
      return new ApiProblem("unavailable", "GitHub's rate limit is used up.", {
        cause: error,
        headers: { "retry-after": seconds.toString() },
      });
    }
    case "unavailable":
      return new ApiProblem(
        "unavailable",
        `GitHub does not answer (${error.message}).`,
        { cause: error, headers: { "retry-after": RETRY_AFTER_SECONDS } },
      );
    case "not_found":
    case "forbidden":
    case "unauthorized":
    case "conflict":
    case "validation":
      return new ApiProblem(
        "github-refused",
        `GitHub refused (${error.message}); are the credentials and their permissions right?`,
        { cause: error },
      );
  }
}

/** Errors of Fastify and of Nest's router, which know the status but not our form. */
function ofFastify(thrown: unknown): ApiProblem | undefined {
  const status = statusOf(thrown);
  if (status === undefined || status >= 500) return undefined;
  const code = codeOf(thrown);
  if (status === 413 || status === 414) {
    return new ApiProblem("too-large", "Send less.", { cause: thrown });
  }
  if (status === 415) {
    return new ApiProblem("unsupported-media-type", "Send application/json.", {
      cause: thrown,
    });
  }
  if (status === 404) {
    return new ApiProblem("not-found", "There is nothing at this address.");
  }
  const message =
    code === "FST_ERR_BAD_URL"
      ? { field: "url", message: "is not a well-formed address" }
      : { field: "body", message: "must be well-formed JSON" };
  return invalidRequest([message]);
}

function statusOf(thrown: unknown): number | undefined {
  if (thrown instanceof HttpException) return thrown.getStatus();
  if (typeof thrown !== "object" || thrown === null) return undefined;
  if (!("statusCode" in thrown)) return undefined;
  return typeof thrown.statusCode === "number" ? thrown.statusCode : undefined;
}
