import type { FailureClass, PhaseFailed } from "@pullwright/domain";
import { codeOf, messageOf } from "@pullwright/platform";

/** What the doors throw, by code; everything else is the infrastructure's fault, never the agent's. */
const classes: Readonly<Record<string, FailureClass>> = {
  unknown_agent: "invalid_input",
  agent_request_invalid: "invalid_input",
  github_unauthorized: "auth",
  github_forbidden: "auth",
  github_not_found: "auth",
  github_rate_limited: "quota",
  github_unavailable: "transient",
  sandbox_refused: "policy",
};

/** A surprise as the result of its phase. */
export function failureOf(error: unknown): PhaseFailed {
  const failureClass = classes[codeOf(error) ?? ""] ?? "infrastructure";
  const resumeAt = resumeMoment(error);
  return {
    outcome: "failed",
    failureClass,
    message: messageOf(error),
    summary: "",
    usage: null,
    ...(resumeAt === undefined ? {} : { resumeAt }),
  };
}

function resumeMoment(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("resumeAt" in error))
    return undefined;
  return error.resumeAt instanceof Date
    ? error.resumeAt.toISOString()
    : undefined;
}
