import { changePhase, changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { PublishFence, RunEvent } from "../run-event.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";
import { advance } from "./advance.js";
import { followFailure } from "./follow-failure.js";

type Published = Extract<RunEvent, { type: "published" }>;
type PublishFailed = Extract<RunEvent, { type: "publish_failed" }>;

/**
 * The pull request shows what it should: the publish phase that was seen to ask for it is done.
 *
 * Its address is a fact whenever it comes: the draft of a run whose tests failed quickly may open after the run's end.
 */
export function published(
  run: RunState,
  { pullRequestUrl, note, fence }: Published,
  now: Date,
): Decision | Refusal {
  const phase = publishing(run);
  const known = changeRun(run, { pullRequestUrl });
  if (phase !== undefined && (fence === undefined || isOf(phase, fence))) {
    const result = {
      outcome: "succeeded",
      summary:
        note === undefined ? pullRequestUrl : `${note} ${pullRequestUrl}`,
      usage: null,
    } as const;
    return advance(
      changePhase(known, phase.position, {
        status: "succeeded",
        result,
        endedAt: now,
      }),
      [],
      now,
    );
  }
  if (run.pullRequestUrl !== pullRequestUrl)
    return { run: known, effects: ["status_comment"] };
  return phase === undefined
    ? refuse(
        "not_publishing",
        `The run is ${run.status} and knows its pull request.`,
      )
    : refuse("stale_fence", "The run began to publish after that was seen.");
}

/** What identifies the publishing that goes on; null when none does. */
export function publishFenceOf(run: RunState): PublishFence | null {
  const phase = publishing(run);
  if (phase === undefined) return null;
  const { execution, position, fence } = phase;
  return { execution, position, fence };
}

/** Publishing cannot go on: the failure's class decides what follows. */
export function publishFailed(
  run: RunState,
  { result, fence }: PublishFailed,
  now: Date,
): Decision | Refusal {
  if (isEnded(run.status))
    return refuse("run_ended", `The run is ${run.status}.`);
  const phase = publishing(run);
  if (phase === undefined)
    return refuse("not_publishing", "The run is not publishing.");
  if (fence !== undefined && !isOf(phase, fence))
    return refuse("stale_fence", "The run began to publish after that failed.");
  return followFailure(run, phase, result, now);
}

function isOf(phase: PhaseRunState, seen: PublishFence | null): boolean {
  return (
    seen !== null &&
    seen.execution === phase.execution &&
    seen.position === phase.position &&
    seen.fence === phase.fence
  );
}

function publishing(run: RunState): PhaseRunState | undefined {
  return run.phases.find(
    (phase) =>
      phase.status === "running" && phase.definition.kind === "builtin",
  );
}
