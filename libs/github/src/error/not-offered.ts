import { isGitHubError, type GitHubError } from "./github-error.js";

/**
 * Whether the server does not offer what was asked for, whichever way it says so. What passes (limits, hiccups) or a
 * person can mend (credentials, permissions) is none of it.
 */
export function isNotOffered(error: unknown): error is GitHubError {
  if (!isGitHubError(error)) return false;
  switch (error.fault) {
    case "not_found":
    case "conflict":
    case "validation":
      return true;
    case "unavailable":
      return error.status === 501;
    case "forbidden":
    case "unauthorized":
    case "rate_limited":
      return false;
  }
}
