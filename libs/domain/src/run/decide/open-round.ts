import { changePhase } from "../change-phase.js";
import type { Decision } from "../decision.js";
import type { PhaseFailed } from "../phase-result.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { advance } from "./advance.js";

/**
 * After a failed test: one more build and test, with the evidence, while rounds are left.
 *
 * @returns null when no round is left, or when nothing in this execution builds.
 */
export function openRound(
  run: RunState,
  phase: PhaseRunState,
  failure: PhaseFailed,
  now: Date,
): Decision | null {
  const build = run.phases.findLast(
    (candidate) =>
      candidate.definition.writes === "code" &&
      candidate.position < phase.position,
  );
  if (build === undefined || phase.round > run.limits.maxFixRounds) return null;

  const recorded = changePhase(run, phase.position, {
    status: "failed",
    result: failure,
    endedAt: now,
  });
  const round = phase.round + 1;
  const rounds = [build, phase].map((earlier, index) => ({
    ...earlier,
    position: phase.position + index + 1,
    round,
    status: "pending" as const,
    fence: 0,
    availableAt: now,
    startedAt: null,
    endedAt: null,
    infrastructureLosses: 0,
    failedAttempts: 0,
    result: null,
    reusedFrom: null,
  }));
  const phases = [...recorded.phases, ...rounds].sort(
    (a, b) => a.position - b.position,
  );
  return advance(
    { ...recorded, phases },
    ["status_comment", "pull_request", "commit_status"],
    now,
  );
}
