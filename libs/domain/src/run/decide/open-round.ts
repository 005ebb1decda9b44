import { changePhase } from "../change-phase.js";
import type { Decision } from "../decision.js";
import { plannedPhase, POSITION_STEP } from "../open-execution.js";
import type { PhaseFailed } from "../phase-result.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { advance } from "./advance.js";
import { pullEffects } from "./effects.js";

/**
 * The phases of one more round after a failed test: the latest build and all that followed it, once more.
 *
 * @returns null when no round is left, or when nothing before the failure builds.
 */
export function nextRound(
  run: RunState,
  failed: PhaseRunState,
  now: Date,
): PhaseRunState[] | null {
  // A build that failed itself has brought nothing that could be mended.
  return failed.definition.writes === "code"
    ? null
    : repeatFrom(run, failed, now);
}

function repeatFrom(
  run: RunState,
  failed: PhaseRunState,
  now: Date,
): PhaseRunState[] | null {
  const build = run.phases.findLast(
    (phase) =>
      phase.definition.writes === "code" && phase.position <= failed.position,
  );
  if (build === undefined) return null;
  if (build.round > run.limits.maxFixRounds) return null;
  const end = endOfSlot(failed);
  const repeated = run.phases.filter(
    ({ position }) => position >= build.position && position < end,
  );
  const first = (repeated.at(-1) ?? failed).position + 1;
  if (first + repeated.length > end) return null;
  return repeated.map(({ definition }, index) => ({
    ...plannedPhase(definition, first + index, run.execution, now),
    round: build.round + 1,
  }));
}

/**
 * One more round after an agent failed for good in a phase of the latest build, with what it said as the evidence.
 *
 * @returns null when no round is left, or when the round before ended with the very same words.
 */
export function mendingRound(
  run: RunState,
  failed: PhaseRunState,
  failure: PhaseFailed,
  now: Date,
): PhaseRunState[] | null {
  const hasFailedLikeThat = run.phases.some(
    ({ definition, result }) =>
      definition.name === failed.definition.name &&
      result?.outcome === "failed" &&
      result.failureClass === failure.failureClass &&
      result.message === failure.message,
  );
  return hasFailedLikeThat ? null : repeatFrom(run, failed, now);
}

/** Records the failed phase, drops what is left of its round and begins the next one, which has its evidence. */
export function openRound(
  run: RunState,
  failed: PhaseRunState,
  failure: PhaseFailed,
  round: readonly PhaseRunState[],
  now: Date,
): Decision {
  const recorded = changePhase(run, failed.position, {
    status: "failed",
    result: failure,
    endedAt: now,
  });
  const end = endOfSlot(failed);
  const dropped = recorded.phases.map((phase) =>
    phase.status === "pending" && phase.position < end
      ? { ...phase, status: "skipped" as const }
      : phase,
  );
  const phases = [...dropped, ...round].sort((a, b) => a.position - b.position);
  return advance(
    { ...recorded, phases },
    ["status_comment", ...pullEffects(run, failure), "commit_status"],
    now,
  );
}

/** Where the next planned phase stands; the rounds of a phase lie before it. */
function endOfSlot({ position }: PhaseRunState): number {
  return (Math.floor(position / POSITION_STEP) + 1) * POSITION_STEP;
}
