import { decide } from "../decide.js";
import { isRefusal } from "../decision.js";
import { moneySpent } from "../decide/limits.js";
import type { RunEvent } from "../run-event.js";
import type { RunState, PhaseRunState } from "../run-state.js";
import { isEnded, isLive, type RunStatus } from "../run-status.js";
import { failed, pullRequestUrl, succeeded } from "./driven-run.js";

/** More events than any run can take without a person: attempts of all phases of all rounds. */
const MAX_STEPS = 5_000;

export type Course =
  | "cancel"
  | "succeed"
  | "lose"
  | "quota"
  | "transient"
  | "tests_failed";

/** The status in which a run ends when it is left to machines that always do the same; nobody answers a wait. */
export function endOf(start: RunState, at: Date, course: Course): RunStatus {
  let run = start;
  let now = at;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    if (isEnded(run.status)) return run.status;
    const live = run.phases.find(({ status }) => isLive(status));
    if (live === undefined) throw new Error(`${run.status} without a phase`);
    now = latest(now, dueAt(run, live));
    const answer = decide(run, nextEvent(run, live, course), now);
    if (isRefusal(answer))
      throw new Error(`${live.status}, ${course}: ${answer.message}`);
    run = answer.run;
  }
  throw new Error(`the run is still ${run.status} after ${MAX_STEPS} events`);
}

function dueAt(run: RunState, live: PhaseRunState): Date {
  return run.waiting === null
    ? live.availableAt
    : (run.waiting.resumeAt ?? run.waiting.deadline);
}

function nextEvent(
  run: RunState,
  live: PhaseRunState,
  course: Course,
): RunEvent {
  const { position, fence, status, definition } = live;
  const working = status === "running";
  const builtin = definition.kind === "builtin";
  if (course === "cancel" && run.cancelRequest === null)
    return { type: "cancel_requested", by: "ada", reason: null };
  if (status === "waiting") return { type: "wait_elapsed" };
  const message = definition.kind === "agent" ? moneySpent(run) : null;
  if (!working && message !== null)
    return { type: "phase_unaffordable", position, message, budgetId: null };
  if (!working) return { type: "phase_claimed", position };
  const result =
    course === "quota" || course === "transient" || course === "tests_failed"
      ? failed(course)
      : course === "lose"
        ? failed("infrastructure")
        : null;
  if (builtin)
    return result === null
      ? { type: "published", pullRequestUrl }
      : { type: "publish_failed", result };
  if (course === "lose")
    return { type: "attempt_lost", position, fence, message: "Lost." };
  // Tests fail in the test phase only, so that the rounds of build between them go well.
  const suits = course !== "tests_failed" || definition.writes === "nothing";
  return {
    type: "phase_finished",
    position,
    fence,
    result: result !== null && suits ? result : succeeded(),
  };
}

function latest(a: Date, b: Date): Date {
  return a > b ? a : b;
}
