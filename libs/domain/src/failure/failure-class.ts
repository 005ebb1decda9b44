/** Why a phase failed. The class alone decides what follows; see {@link failureTable}. */
export const failureClasses = [
  "transient",
  "quota",
  "auth",
  "timeout",
  "stalled",
  "budget",
  "tests_failed",
  "conflict",
  "policy",
  "invalid_input",
  "agent_error",
  "infrastructure",
  "cancelled",
] as const;

export type FailureClass = (typeof failureClasses)[number];
