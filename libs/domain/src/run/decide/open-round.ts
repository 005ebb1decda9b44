import { changePhase } from "../change-phase.js";
import type { Decision } from "../decision.js";
import { plannedPhase, POSITION_STEP } from "../open-execution.js";
import type { PhaseFailed } from "../phase-result.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { advance } from "./advance.js";

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
  const build = run.phases.findLast(
    (phase) =>
      phase.definition.writes === "code" && phase.position <= failed.position,
  );
  if (build === undefined || build === failed) return null;
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

/** Records the failed test, drops what is left of its round and begins the next one, which has its evidence. */
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
    ["status_comment", "pull_request", "commit_status"],
    now,
  );
}

/** Where the next planned phase stands; the rounds of a phase lie before it. */
function endOfSlot({ position }: PhaseRunState): number {
  return (Math.floor(position / POSITION_STEP) + 1) * POSITION_STEP;
}
