import type { FailureClass, RunState } from "@pullwright/domain";
import type { EffectOutcome } from "./effect-outcome.js";

/** Whether the run stands in its publish phase: then it waits for what the pull request's effect says. */
export function isPublishing(run: RunState): boolean {
  return run.phases.some(
    ({ status, definition }) =>
      status === "running" && definition.kind === "builtin",
  );
}

/** The event that tells the run that publishing cannot go on. */
export function publishFailed(
  failureClass: FailureClass,
  message: string,
  resumeAt?: Date,
) {
  return {
    type: "publish_failed",
    result: {
      outcome: "failed",
      failureClass,
      message,
      summary: "",
      usage: null,
      ...(resumeAt === undefined ? {} : { resumeAt: resumeAt.toISOString() }),
    },
  } as const;
}

/** The outcome of an effect that has found a reason not to publish. While the run is not publishing, nothing is told. */
export function heldBack(
  run: RunState,
  failureClass: FailureClass,
  message: string,
): EffectOutcome {
  const result = { held_back: message };
  return isPublishing(run)
    ? {
        kind: "applied",
        result,
        news: { event: publishFailed(failureClass, message) },
      }
    : { kind: "applied", result };
}
