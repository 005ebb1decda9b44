import { changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import { plannedPhases } from "../open-execution.js";
import type { RunEvent } from "../run-event.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { isEnded, type PhaseStatus } from "../run-status.js";
import { statusEffects } from "./effects.js";
import { startPhase } from "./start-phase.js";

type Retry = Extract<RunEvent, { type: "retry_requested" }>;

/** Opens the next execution of an ended run; the phases before the chosen one keep their results. */
export function requestRetry(
  run: RunState,
  event: Retry,
  now: Date,
): Decision | Refusal {
  if (!isEnded(run.status))
    return refuse(
      "run_not_ended",
      `The run is ${run.status}; cancel it first or wait for its end.`,
    );
  const execution = run.execution + 1;
  const planned = plannedPhases(run.workflow, execution, now);
  const from =
    event.phase === null
      ? 0
      : planned.findIndex((phase) => phase.definition.name === event.phase);
  const chosen = planned[from];
  if (chosen === undefined) {
    const names = planned.map((phase) => phase.definition.name).join(", ");
    return refuse(
      "no_such_phase",
      `The workflow has no phase ${JSON.stringify(event.phase?.slice(0, 40))}; it has ${names}.`,
    );
  }
  const kept = planned.slice(0, from).map((phase) => keep(phase, run));
  const missing = notReusable(kept);
  if (missing !== undefined) {
    return refuse(
      "nothing_to_reuse",
      `The phase ${missing.definition.name} left nothing to go on from; retry from there or the whole run.`,
    );
  }
  const opened = changeRun(run, {
    status: "pending",
    execution,
    phases: [...kept, ...planned.slice(from)],
    outcome: null,
    failure: null,
    waiting: null,
    cancelRequest: null,
    activeMs: 0,
    headSha: headAfter(kept, run),
    startedAt: null,
    endedAt: null,
  });
  return startPhase(opened, chosen, statusEffects, now);
}

/** The phase as its last success left it; untouched when it never came to one. */
function keep(planned: PhaseRunState, run: RunState): PhaseRunState {
  const of = (status: PhaseStatus) =>
    run.phases.findLast(
      (phase) =>
        phase.definition.name === planned.definition.name &&
        phase.status === status,
    );
  // A later round that changed nothing left no commit; what counts is the round that did.
  const earlier = of("succeeded") ?? of("no_changes");
  if (earlier === undefined) return planned;
  return {
    ...planned,
    status: earlier.status,
    startedAt: earlier.startedAt,
    endedAt: earlier.endedAt,
    result: earlier.result,
    reusedFrom: earlier.reusedFrom ?? earlier.execution,
  };
}

/** The first phase that has no result to keep, or whose change of the code is the one that is missing. */
function notReusable(
  kept: readonly PhaseRunState[],
): PhaseRunState | undefined {
  const code = kept.filter((phase) => phase.definition.writes === "code");
  return (
    kept.find((phase) => phase.status === "pending") ??
    (code.some((phase) => phase.status === "succeeded") ? undefined : code[0])
  );
}

/** The commit before the chosen phase: that of the last kept phase which left one, else where the run began. */
function headAfter(
  kept: readonly PhaseRunState[],
  run: RunState,
): string | null {
  return (
    kept.findLast((phase) => phase.result?.commitSha !== undefined)?.result
      ?.commitSha ?? run.startSha
  );
}
