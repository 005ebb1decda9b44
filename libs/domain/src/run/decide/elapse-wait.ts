import { waitTable } from "../../failure/wait-table.js";
import { setbacksLeft } from "../agent-route.js";
import { changePhase, changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import type { Waiting } from "../waiting.js";
import { advance } from "./advance.js";
import { statusEffects } from "./effects.js";
import { failRun } from "./end-run.js";
import { startPhase } from "./start-phase.js";

/** A wait's moment has come: go on at `resumeAt`, end in `failed` at the deadline. */
export function elapseWait(run: RunState, now: Date): Decision | Refusal {
  const { waiting } = run;
  if (waiting === null) return refuse("not_waiting", "The run does not wait.");
  if (now >= waiting.deadline) return giveUp(run, waiting, now);
  if (waiting.resumeAt === null || now < waiting.resumeAt)
    return refuse("not_yet", "The wait is not over.");
  return resume(run, now);
}

function giveUp(run: RunState, waiting: Waiting, now: Date): Decision {
  const held = heldPhase(run);
  const failureClass = waitTable[waiting.reason].failsAs;
  const message = `Nobody ended the wait (${waiting.reason}) in time. ${waiting.message}`;
  const recorded =
    held === undefined
      ? run
      : changePhase(run, held.position, {
          result: {
            outcome: "failed",
            failureClass,
            message,
            summary: "",
            usage: null,
          },
        });
  const phase = held?.definition.name ?? null;
  return {
    run: failRun(recorded, { failureClass, message, phase }, now),
    effects: statusEffects,
  };
}

/** Gives the held phase its turn again. */
export function resume(run: RunState, now: Date): Decision {
  const held = heldPhase(run);
  const again =
    held === undefined
      ? run
      : changePhase(run, held.position, {
          setbacks: setbacksLeft(held.setbacks, now),
        });
  const resumed = changeRun(again, {
    status: "running",
    waiting: null,
    startedAt: run.startedAt ?? now,
  });
  return held === undefined
    ? advance(resumed, statusEffects, now)
    : startPhase(resumed, held, statusEffects, now);
}

/** The phase that waits with its run. */
export function heldPhase(run: RunState): PhaseRunState | undefined {
  return run.phases.find((phase) => phase.status === "waiting");
}
