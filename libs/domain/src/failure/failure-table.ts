import type { WaitReason } from "../run/waiting.js";
import type { FailureClass } from "./failure-class.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Backoff {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

/** What a failed phase leads to. */
export type FollowUp =
  /** Another attempt at the same phase, up to `limit` more; then `afterwards`. */
  | {
      readonly action: "again";
      readonly budget: "agent" | "infrastructure";
      readonly limit: number;
      readonly backoff: Backoff;
      readonly afterwards: "end" | "ask" | "replan";
    }
  /** The run waits and goes on by itself, or ends at the deadline; at once where the agent's route names another one. */
  | {
      readonly action: "park";
      readonly reason: WaitReason;
      /** Used when the failure names no moment; null: only a person ends the wait. */
      readonly resumeAfterMs: number | null;
      /** Counted from the moment of resuming, where there is one. */
      readonly deadlineMs: number;
    }
  /** The run waits for a person, unless the agent's route names another agent. */
  | { readonly action: "ask"; readonly deadlineMs: number }
  /** A new round of build with the evidence, while rounds are left and bring something new. */
  | { readonly action: "replan" }
  | { readonly action: "end" };

/** How long a run waits for a person. */
export const PERSON_DEADLINE_MS = 7 * DAY;

/** How long after its next try publishing may still be waiting for one. */
export const PUBLISH_DEADLINE_MS = DAY;

/** For a phase that nobody takes. A sibling may have found that its agent's weekly quota is used up, so longer than that. */
export const CAPACITY_DEADLINE_MS = 14 * DAY;

/** For a run whose issue is blocked by other ones. */
export const BLOCKED_DEADLINE_MS = 30 * DAY;

/** A provider that names a later moment than this is not believed: its longest limits are weekly ones. */
export const LONGEST_NAMED_WAIT_MS = 8 * DAY;

/** A moment that passed no longer ago than this was meant: clocks differ, and the answer took its time. */
export const JUST_PASSED_MS = HOUR;

/** The pause where the moment named has just passed. */
export const RESUME_SOON_MS = 5 * SECOND;

/** Attempts at one phase of an execution, whatever ended them: so a quota that never comes back ends as well. */
export const MAX_ATTEMPTS = 100;

/** The one table that says what follows a failure; `docs/failure-classes.md` is written from it. */
export const failureTable = {
  transient: {
    action: "again",
    budget: "agent",
    limit: 3,
    backoff: { firstMs: 10 * SECOND, factor: 3, maxMs: 5 * MINUTE },
    afterwards: "end",
  },
  quota: {
    action: "park",
    reason: "quota",
    resumeAfterMs: 15 * MINUTE,
    deadlineMs: DAY,
  },
  auth: { action: "ask", deadlineMs: PERSON_DEADLINE_MS },
  timeout: {
    action: "again",
    budget: "agent",
    limit: 1,
    backoff: { firstMs: SECOND, factor: 1, maxMs: SECOND },
    afterwards: "end",
  },
  stalled: {
    action: "again",
    budget: "agent",
    limit: 1,
    backoff: { firstMs: SECOND, factor: 1, maxMs: SECOND },
    afterwards: "end",
  },
  budget: {
    action: "park",
    reason: "budget",
    resumeAfterMs: null,
    deadlineMs: PERSON_DEADLINE_MS,
  },
  tests_failed: { action: "replan" },
  // The rebase and the agent have been tried by now. A person may go on by hand or retry; a run that waited for that would
  // keep the work item from both, and repeating the phase by itself would only meet the same commits again.
  conflict: { action: "end" },
  policy: { action: "end" },
  invalid_input: { action: "end" },
  agent_error: {
    action: "again",
    budget: "agent",
    limit: 1,
    backoff: { firstMs: 5 * SECOND, factor: 1, maxMs: 5 * SECOND },
    afterwards: "replan",
  },
  infrastructure: {
    action: "again",
    budget: "infrastructure",
    limit: 4,
    backoff: { firstMs: SECOND, factor: 4, maxMs: MINUTE },
    afterwards: "ask",
  },
  cancelled: { action: "end" },
} as const satisfies Readonly<Record<FailureClass, FollowUp>>;

/** Milliseconds to wait before the try that follows `failures` earlier failures (1 for the first). */
export function backoffMs(backoff: Backoff, failures: number): number {
  return Math.min(
    backoff.maxMs,
    backoff.firstMs * backoff.factor ** Math.max(0, failures - 1),
  );
}
