import { CAPACITY_DEADLINE_MS } from "../../failure/failure-table.js";
import { waitTable } from "../../failure/wait-table.js";
import { setbacksLeft } from "../agent-route.js";
import { changePhase, changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";
import type { WaitReason } from "../waiting.js";
import { advance } from "./advance.js";
import { statusEffects } from "./effects.js";
import { failRun } from "./end-run.js";
import { startPhase } from "./start-phase.js";

/** A wait's moment has come: go on at `resumeAt`, end in `failed` at the deadline. A queued phase gets its agents back. */
export function elapseWait(run: RunState, now: Date): Decision | Refusal {
  const { waiting } = run;
  if (waiting === null) return elapseQueue(run, now);
  if (now >= waiting.deadline) {
    const message = `Nobody ended the wait (${waiting.reason}) in time. ${waiting.message}`;
    return giveUp(run, heldPhase(run), waiting.reason, message, now);
  }
  if (waiting.resumeAt === null || now < waiting.resumeAt)
    return refuse("not_yet", "The wait is not over.");
  return resume(run, now);
}

/** No runner may do the phase, or others come first for ever: a run is not to stay without an end. */
function elapseQueue(run: RunState, now: Date): Decision | Refusal {
  const queued = queuedPhase(run);
  if (queued === undefined || isEnded(run.status))
    return refuse("not_waiting", "The run does not wait.");
  if (now.getTime() < queued.availableAt.getTime() + CAPACITY_DEADLINE_MS)
    return giveAgentsBack(run, queued, now);
  const message = `No runner took the phase ${queued.definition.name} in time: none was free, or none may do it.`;
  return giveUp(run, queued, "capacity", message, now);
}

/** The agent that it is queued for may rest for days while the one that was refused is back. It keeps its turn. */
function giveAgentsBack(
  run: RunState,
  { position, setbacks }: PhaseRunState,
  now: Date,
): Decision | Refusal {
  const left = setbacksLeft(setbacks, now);
  if (left === setbacks)
    return refuse("not_yet", "The phase is still to have its turn.");
  return {
    run: changePhase(run, position, { setbacks: left }),
    effects: ["status_comment"],
  };
}

function giveUp(
  run: RunState,
  held: PhaseRunState | undefined,
  reason: WaitReason,
  message: string,
  now: Date,
): Decision {
  const failureClass = waitTable[reason].failsAs;
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

/** The phase that is to be claimed next. */
export function queuedPhase(run: RunState): PhaseRunState | undefined {
  return run.phases.find((phase) => phase.status === "queued");
}
