import { decide } from "../decide.js";
import { isRefusal, type Decision, type Refusal } from "../decision.js";
import { openRun } from "../open-execution.js";
import type { RunEvent } from "../run-event.js";
import type { RunState } from "../run-state.js";
import { eventOf, moment, type Scenario } from "./arbitrary-run.js";
import { monday } from "./driven-run.js";

/** One decision with what it was made from. */
export interface Turn {
  readonly before: RunState;
  readonly event: RunEvent;
  readonly now: Date;
  readonly answer: Decision | Refusal;
  /** The state that follows, which is `before` when the event was refused. */
  readonly after: RunState;
}

/** Plays a scenario with everything frozen, so that a decision that writes to its input throws. */
export function play({ request, steps }: Scenario): Turn[] {
  let run = deepFreeze(openRun(request, monday));
  let now = monday;
  return steps.map((step) => {
    now = moment(run, now, step.clock);
    const event = deepFreeze(eventOf(run, step));
    const before = run;
    const answer = decide(before, event, now);
    run = isRefusal(answer) ? before : deepFreeze(answer.run);
    return { before, event, now, answer, after: run };
  });
}

export function accepted(turns: readonly Turn[]): Turn[] {
  return turns.filter(({ answer }) => !isRefusal(answer));
}

function deepFreeze<T>(value: T): T {
  if (
    typeof value === "object" &&
    value !== null &&
    !Object.isFrozen(value)
  ) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
