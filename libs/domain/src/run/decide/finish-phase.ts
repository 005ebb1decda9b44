import { MAX_LIMIT_USD } from "../../money/policy-limits.js";
import { changePhase, changeRun } from "../change-phase.js";
import {
  refuse,
  type Decision,
  type EffectKind,
  type Refusal,
} from "../decision.js";
import type { PhaseResult } from "../phase-result.js";
import type { RunEvent } from "../run-event.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";
import { advance } from "./advance.js";
import { statusEffects } from "./effects.js";
import { cancelRun, completeRun } from "./end-run.js";
import { followFailure } from "./follow-failure.js";

type Finished = Extract<RunEvent, { type: "phase_finished" }>;

/** An owner hands in a result; only the newest fence counts, and only once. */
export function finishPhase(
  run: RunState,
  event: Finished,
  now: Date,
): Decision | Refusal {
  const phase = ownedPhase(run, event);
  if ("refused" in phase) return phase;
  const { result } = event;
  const accounted = account(run, phase, result.usage?.costUsd ?? 0, now);
  if (run.cancelRequest === null && result.outcome === "failed")
    return followFailure(accounted, phase, result, now);

  const recorded = record(accounted, phase, result, now);
  if (run.cancelRequest !== null)
    return { run: cancelRun(recorded, now), effects: statusEffects };
  if (changedNothing(recorded, phase, result))
    return {
      run: completeRun(recorded, "no_changes", now),
      effects: statusEffects,
    };
  return advance(recorded, effectsOf(phase, result), now);
}

/** True when the code stayed as it was and no other phase of the execution changed it or may still do so. */
function changedNothing(
  run: RunState,
  phase: PhaseRunState,
  result: PhaseResult,
): boolean {
  return (
    result.outcome === "no_changes" &&
    phase.definition.writes === "code" &&
    !run.phases.some(
      ({ definition, status }) =>
        definition.writes === "code" &&
        (status === "succeeded" || status === "pending"),
    )
  );
}

/** The running phase that the event's fence owns, or why it owns none. */
export function ownedPhase(
  run: RunState,
  event: { position: number; fence: number },
): PhaseRunState | Refusal {
  if (isEnded(run.status))
    return refuse("run_ended", `The run is ${run.status}.`);
  const phase = run.phases.find(
    (candidate) => candidate.position === event.position,
  );
  if (phase === undefined)
    return refuse(
      "no_such_phase",
      "The phase is not part of the current execution.",
    );
  if (phase.definition.kind === "builtin")
    return refuse("stale_fence", "Nobody owns a built-in phase.");
  if (phase.status !== "running" || phase.fence !== event.fence) {
    return refuse(
      "stale_fence",
      `The phase is ${phase.status} under fence ${phase.fence}, not ${event.fence}.`,
    );
  }
  return phase;
}

/** More no run is said to have spent: it ends every limit a hundred times over, and can be kept. US dollars. */
const MAX_SPENT_USD = 90 * MAX_LIMIT_USD;

/** Adds what the attempt took in time and money, whatever came of it. */
export function account(
  run: RunState,
  phase: PhaseRunState,
  costUsd: number,
  now: Date,
): RunState {
  const startedAt = phase.startedAt ?? now;
  return changeRun(run, {
    activeMs: run.activeMs + Math.max(0, now.getTime() - startedAt.getTime()),
    spentUsd: Math.min(
      run.spentUsd + (costUsd > 0 && costUsd < Infinity ? costUsd : 0),
      MAX_SPENT_USD,
    ),
  });
}

/** The run with the phase's end and, unless it failed, with what it brought. */
function record(
  run: RunState,
  phase: PhaseRunState,
  result: PhaseResult,
  now: Date,
): RunState {
  const ended = changePhase(run, phase.position, {
    status:
      result.outcome === "failed" && result.failureClass === "cancelled"
        ? "cancelled"
        : result.outcome,
    result,
    endedAt: now,
  });
  if (result.outcome === "failed") return ended;
  return changeRun(ended, {
    headSha: result.commitSha ?? run.headSha,
    classification: result.classification ?? run.classification,
    planFile: result.planFile ?? run.planFile,
    // What was built is the run's summary; what the tests said of it stands with the tests.
    summary:
      phase.definition.writes === "nothing" || result.summary === ""
        ? run.summary
        : result.summary,
  });
}

function effectsOf(phase: PhaseRunState, result: PhaseResult): EffectKind[] {
  const effects: EffectKind[] = ["status_comment"];
  // The draft opens as soon as there is code to look at; it follows every later result.
  if (phase.definition.writes === "code" || result.tests !== undefined)
    effects.push("pull_request");
  if (result.commitSha !== undefined || result.tests !== undefined)
    effects.push("commit_status");
  return effects;
}
