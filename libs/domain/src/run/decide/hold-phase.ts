import { changePhase, changeRun } from "../change-phase.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import type { WaitReason } from "../waiting.js";

export interface Wait {
  readonly reason: WaitReason;
  /** One sentence for people: what is needed, and from whom. */
  readonly message: string;
  readonly budgetId?: string | undefined;
  readonly blockedBy?: readonly string[];
  readonly resumeAt: Date | null;
  /** Counted from `resumeAt` where there is one, else from now. */
  readonly deadlineMs: number;
}

/** The run waits, and the phase with it; a person, the moment named or the deadline ends that. */
export function holdPhase(
  run: RunState,
  phase: PhaseRunState,
  wait: Wait,
  now: Date,
): RunState {
  const { reason, message, budgetId, blockedBy, resumeAt, deadlineMs } = wait;
  const held = changePhase(run, phase.position, {
    status: "waiting",
    endedAt: null,
  });
  return changeRun(held, {
    status: "waiting",
    waiting: {
      reason,
      message,
      ...(budgetId === undefined ? {} : { budgetId }),
      ...(blockedBy === undefined ? {} : { blockedBy }),
      since: now,
      resumeAt,
      deadline: new Date((resumeAt ?? now).getTime() + deadlineMs),
    },
  });
}
