import type { PhaseFailed, PhaseResult } from "@pullwright/domain";
import { failureOf } from "../phases/failure-of.js";
import { AttemptLost, type PhaseContext } from "../phases/phase-context.js";
import { stopReason } from "./attempt-end.js";
import { ProcessesLeft } from "./process-end.js";

/** What of an attempt says whether it was stopped, and what it took until then. */
export interface Stoppable {
  readonly claimed: {
    readonly run: Pick<PhaseContext["claimed"]["run"], "repository">;
  };
  readonly lease: Pick<PhaseContext["lease"], "lost">;
  readonly stop: Pick<AbortController, "signal">;
  readonly purse: Pick<PhaseContext["purse"], "usage" | "broke">;
}

/** What we asked for decides, whatever the agent made of it; but a result that is already published stands. */
export function afterStop(
  finished: PhaseResult,
  { lease, stop, purse }: Stoppable,
): PhaseResult {
  const reason = stopReason(stop.signal);
  // What the agent's calls have cost is known even where its work came to nothing.
  const result = { ...finished, usage: finished.usage ?? purse.usage };
  // The first reason to stop stays, and the lease may be lost after it.
  if (reason === "lost" || lease.lost.aborted) throw new AttemptLost();
  if (reason === null || result.commitSha !== undefined) return result;
  const failed = (
    failureClass: PhaseFailed["failureClass"],
    message: string,
  ): PhaseFailed => ({
    outcome: "failed",
    failureClass,
    message,
    summary: "",
    usage: result.usage,
  });
  switch (reason) {
    case "cancelled":
      return failed("cancelled", "The run was cancelled.");
    case "budget":
      return {
        ...failed(
          "budget",
          purse.broke?.message ??
            "The run used up its money. Add some with `/continue +5`.",
        ),
        ...(purse.broke?.budgetId === undefined
          ? {}
          : { budgetId: purse.broke.budgetId }),
      };
    case "shutdown":
      return {
        ...failed(
          "infrastructure",
          "The runner was stopped; the phase goes back to the queue.",
        ),
        handedOver: true,
      };
  }
}

/**
 * What was thrown, as the phase's result. What did not end cannot have ended as asked: a cancel or a hand-over that leaves
 * processes behind is told as their failure.
 */
export function afterSurprise(error: unknown, context: Stoppable): PhaseResult {
  const failure = failureOf(error, repositoryName(context));
  return error instanceof ProcessesLeft
    ? { ...failure, usage: context.purse.usage }
    : afterStop(failure, context);
}

function repositoryName({ claimed }: Stoppable): string {
  const { owner, name } = claimed.run.repository;
  return `${owner}/${name}`;
}
