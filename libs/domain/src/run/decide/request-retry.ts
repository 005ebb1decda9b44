import { changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import { plannedPhases } from "../open-execution.js";
import type { RunEvent } from "../run-event.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";

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
  if (from < 0) {
    const names = planned.map((phase) => phase.definition.name).join(", ");
    return refuse(
      "no_such_phase",
      `The workflow has no phase ${JSON.stringify(event.phase)}; it has ${names}.`,
    );
  }
  const kept = planned.slice(0, from).map((phase) => keep(phase, run));
  const missing = kept.find(
    (phase) => phase.status === "pending" || phase.status === "queued",
  );
  if (missing !== undefined) {
    return refuse(
      "nothing_to_reuse",
      `The phase ${missing.definition.name} never succeeded; retry from there or the whole run.`,
    );
  }
  const rest = planned
    .slice(from)
    .map((phase, index) => begin(phase, index === 0, now));
  return {
    run: changeRun(run, {
      status: "pending",
      execution,
      phases: [...kept, ...rest],
      outcome: null,
      failure: null,
      waiting: null,
      cancelRequest: null,
      activeMs: 0,
      headSha: headAfter(kept, run),
      startedAt: null,
      endedAt: null,
    }),
    effects:
      rest[0]?.status === "running"
        ? ["status_comment", "labels", "commit_status", "pull_request"]
        : ["status_comment", "labels", "commit_status"],
  };
}

function keep(planned: PhaseRunState, run: RunState): PhaseRunState {
  const earlier = run.phases.findLast(
    (phase) =>
      phase.definition.name === planned.definition.name &&
      (phase.status === "succeeded" || phase.status === "no_changes"),
  );
  if (earlier === undefined) return planned;
  return {
    ...planned,
    status: earlier.status,
    round: earlier.round,
    startedAt: earlier.startedAt,
    endedAt: earlier.endedAt,
    result: earlier.result,
    reusedFrom: earlier.reusedFrom ?? earlier.execution,
  };
}

function begin(
  planned: PhaseRunState,
  first: boolean,
  now: Date,
): PhaseRunState {
  if (!first) return { ...planned, status: "pending" };
  return planned.definition.kind === "builtin"
    ? { ...planned, status: "running", startedAt: now }
    : { ...planned, status: "queued" };
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
