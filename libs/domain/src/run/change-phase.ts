import type { PhaseRunState, RunState } from "./run-state.js";
import { canFollow, phaseTransitions, runTransitions } from "./run-status.js";

type PhaseChange = Partial<
  Omit<PhaseRunState, "execution" | "position" | "definition">
>;

/** Raised when the core itself asks for a transition that its tables forbid: a bug, never an input. */
export class IllegalTransition extends Error {
  readonly code = "illegal_transition";
}

/** The run with one phase changed; the tables decide whether it may. */
export function changePhase(
  run: RunState,
  position: number,
  change: PhaseChange,
): RunState {
  return {
    ...run,
    phases: run.phases.map((phase) => {
      if (phase.position !== position) return phase;
      if (
        change.status !== undefined &&
        !canFollow(phaseTransitions, phase.status, change.status)
      ) {
        throw new IllegalTransition(
          `phase ${phase.definition.name}: ${phase.status} → ${change.status}`,
        );
      }
      return differs(phase, change) ? { ...phase, ...change } : phase;
    }),
  };
}

/** A phase that stays as it is stays the same object, for whatever is new gets stored. */
function differs(phase: PhaseRunState, change: PhaseChange): boolean {
  const now = new Map<string, unknown>(Object.entries(phase));
  return Object.entries(change).some(
    ([field, value]) => !Object.is(now.get(field), value),
  );
}

/** The run with fields changed; the tables decide whether its status may. */
export function changeRun(run: RunState, change: Partial<RunState>): RunState {
  if (
    change.status !== undefined &&
    !canFollow(runTransitions, run.status, change.status)
  ) {
    throw new IllegalTransition(`run: ${run.status} → ${change.status}`);
  }
  return { ...run, ...change };
}
