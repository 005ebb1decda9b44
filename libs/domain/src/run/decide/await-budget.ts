import { PERSON_DEADLINE_MS } from "../../failure/failure-table.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { RunEvent } from "../run-event.js";
import type { RunState } from "../run-state.js";
import { isEnded } from "../run-status.js";
import { statusEffects } from "./effects.js";
import { resume } from "./elapse-wait.js";
import { holdPhase } from "./hold-phase.js";

type Unaffordable = Extract<RunEvent, { type: "phase_unaffordable" }>;

/** A queued phase that no money is left for waits, and its run with it. */
export function phaseUnaffordable(
  run: RunState,
  { position, message, budgetId }: Unaffordable,
  now: Date,
): Decision | Refusal {
  if (isEnded(run.status))
    return refuse("run_ended", `The run is ${run.status}.`);
  const phase = run.phases.find((candidate) => candidate.position === position);
  if (phase?.status !== "queued" || phase.definition.kind !== "agent")
    return refuse("not_claimable", "No such phase awaits an agent.");
  const wait = {
    reason: "budget",
    message,
    budgetId: budgetId ?? undefined,
    resumeAt: null,
    deadlineMs: PERSON_DEADLINE_MS,
  } as const;
  return { run: holdPhase(run, phase, wait, now), effects: statusEffects };
}

/** Somebody raised the budget, or its day is over, or what was reserved was not needed. */
export function budgetFreed(run: RunState, now: Date): Decision | Refusal {
  return run.waiting?.budgetId === undefined
    ? refuse("not_waiting", "The run waits for no shared budget.")
    : resume(run, now);
}
