import {
  publishFenceOf,
  type FailureClass,
  type PublishFence,
  type RunState,
} from "@pullwright/domain";
import type { EffectOutcome } from "./effect-outcome.js";

/** Whether the run stands in its publish phase: then it waits for what the pull request's effect says. */
export function isPublishing(run: RunState): boolean {
  return publishFenceOf(run) !== null;
}

/** The event that tells the run that the publishing which was seen cannot go on. */
export function publishFailed(
  fence: PublishFence,
  failureClass: FailureClass,
  message: string,
  resumeAt?: Date,
) {
  return {
    type: "publish_failed",
    fence,
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
  const fence = publishFenceOf(run);
  return fence === null
    ? { kind: "applied", result }
    : {
        kind: "applied",
        result,
        news: { event: publishFailed(fence, failureClass, message) },
      };
}
