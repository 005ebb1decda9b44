import { changePhase, changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { PhaseFailed } from "../phase-result.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";
import { advance } from "./advance.js";
import { followFailure } from "./follow-failure.js";

/**
 * The pull request shows what it should: the publish phase is done.
 *
 * Its address is a fact whenever it comes: the draft of a run whose tests failed quickly may open after the run's end.
 */
export function published(
  run: RunState,
  pullRequestUrl: string,
  now: Date,
): Decision | Refusal {
  const phase = publishing(run);
  if (phase === undefined && run.pullRequestUrl === pullRequestUrl)
    return refuse(
      "not_publishing",
      `The run is ${run.status} and knows its pull request.`,
    );
  const known = changeRun(run, { pullRequestUrl });
  if (phase === undefined) return { run: known, effects: ["status_comment"] };
  const result = {
    outcome: "succeeded",
    summary: pullRequestUrl,
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

/** Publishing cannot go on: the failure's class decides what follows. */
export function publishFailed(
  run: RunState,
  failure: PhaseFailed,
  now: Date,
): Decision | Refusal {
  if (isEnded(run.status))
    return refuse("run_ended", `The run is ${run.status}.`);
  const phase = publishing(run);
  if (phase === undefined)
    return refuse("not_publishing", "The run is not publishing.");
  return followFailure(run, phase, failure, now);
}

function publishing(run: RunState): PhaseRunState | undefined {
  return run.phases.find(
    (phase) =>
      phase.status === "running" && phase.definition.kind === "builtin",
  );
}
