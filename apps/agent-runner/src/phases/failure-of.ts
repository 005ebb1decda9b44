import type { FailureClass, PhaseFailed } from "@pullwright/domain";
import { isGitHubError } from "@pullwright/github";
import { codeOf, messageOf } from "@pullwright/platform";
import type { GitErrorCode } from "@pullwright/workspace";

const gitClasses: Readonly<Record<GitErrorCode, FailureClass>> = {
  GIT_AUTH: "auth",
  GIT_NOT_FOUND: "auth",
  GIT_UNREACHABLE: "transient",
  GIT_TIMEOUT: "transient",
  GIT_MISSING: "infrastructure",
  GIT_TOO_OLD: "infrastructure",
  DISK_FULL: "infrastructure",
  GIT_FAILED: "infrastructure",
  // The branch was moved by somebody: what the run goes on from is no longer there.
  COMMIT_NOT_FOUND: "conflict",
  INVALID_NAME: "invalid_input",
};

/** What the doors throw, by code; everything else is the infrastructure's fault, never the agent's. */
const classes: Readonly<Record<string, FailureClass>> = {
  ...gitClasses,
  unknown_agent: "invalid_input",
  agent_request_invalid: "invalid_input",
  prompt_too_large: "invalid_input",
  github_unauthorized: "auth",
  github_forbidden: "auth",
  // A runner asks GitHub for tokens alone: what is not found is an installation without this repository.
  github_not_found: "auth",
  github_rate_limited: "quota",
  github_unavailable: "transient",
  sandbox_refused: "policy",
};

/** A surprise as the result of its phase. */
export function failureOf(error: unknown, repository: string): PhaseFailed {
  const code = codeOf(error) ?? "";
  const resumeAt = isGitHubError(error)
    ? error.rateLimit?.resumeAt.toISOString()
    : undefined;
  return {
    outcome: "failed",
    failureClass: classes[code] ?? "infrastructure",
    message: explained(code, messageOf(error), repository),
    summary: "",
    usage: null,
    ...(resumeAt === undefined ? {} : { resumeAt }),
  };
}

/** What a person can do about it goes first where git's own words do not say it. */
function explained(code: string, said: string, repository: string): string {
  switch (code) {
    case "GIT_NOT_FOUND":
    case "github_not_found":
      return `${repository} is not there, or Pullwright's credentials do not reach it: they need read and write permission on "Contents" of ${repository}. ${said}`;
    case "GIT_AUTH":
      return `GitHub refused Pullwright's credentials for ${repository}: they need read and write permission on "Contents". ${said}`;
    case "DISK_FULL":
      return `The runner's disk is full. ${said}`;
    default:
      return said;
  }
}
