import { BLOCKED_DEADLINE_MS } from "../../failure/failure-table.js";
import { changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { statusEffects } from "./effects.js";
import { resume } from "./elapse-wait.js";
import { holdPhase } from "./hold-phase.js";

/** More issues than this are not named one by one. */
const MAX_NAMED = 10;

/** The run waits until the issues that block its own are closed. */
export function awaitBlockers(
  run: RunState,
  phase: PhaseRunState,
  blockedBy: readonly string[],
  now: Date,
): RunState {
  const wait = {
    reason: "dependency",
    message: messageFor(blockedBy),
    blockedBy,
    resumeAt: null,
    deadlineMs: BLOCKED_DEADLINE_MS,
  } as const;
  return holdPhase(run, phase, wait, now);
}

/** Goes on when no blocker is open any more; else says which are. The deadline stays. */
export function seeBlockers(
  run: RunState,
  open: readonly string[],
  now: Date,
): Decision | Refusal {
  const { waiting } = run;
  if (waiting?.blockedBy === undefined)
    return refuse("not_waiting", "The run waits for no other issue.");
  if (open.length === 0) return resume(run, now);
  if (open.join() === waiting.blockedBy.join())
    return refuse("not_yet", waiting.message);
  return {
    run: changeRun(run, {
      waiting: { ...waiting, blockedBy: open, message: messageFor(open) },
    }),
    effects: statusEffects,
  };
}

function messageFor(blockedBy: readonly string[]): string {
  const named = blockedBy.slice(0, MAX_NAMED).join(", ");
  const more = blockedBy.length - MAX_NAMED;
  return `The issue is blocked by ${named}${more > 0 ? ` and ${more.toString()} more` : ""}; the run goes on when they are closed.`;
}
