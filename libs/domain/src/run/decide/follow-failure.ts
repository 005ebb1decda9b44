import {
  backoffMs,
  failureTable,
  MAX_ATTEMPTS,
  PERSON_DEADLINE_MS,
  PUBLISH_DEADLINE_MS,
  type FollowUp,
} from "../../failure/failure-table.js";
import { resumeMoment } from "../../failure/resume-moment.js";
import { changePhase } from "../change-phase.js";
import type { Decision } from "../decision.js";
import type { PhaseFailed } from "../phase-result.js";
import type { PhaseRunState, RunFailure, RunState } from "../run-state.js";
import { pullEffects, statusEffects } from "./effects.js";
import { failRun } from "./end-run.js";
import { holdPhase, type Wait } from "./hold-phase.js";
import { timeUsedUp } from "./limits.js";
import { mendingRound, nextRound, openRound } from "./open-round.js";
import {
  isRefusedAgent,
  tryNextAgent,
  type Rerouted,
} from "./try-next-agent.js";

/**
 * What a failed attempt of a run that nobody wants cancelled leads to; the failure's class alone decides, within the run's
 * limits.
 */
export function followFailure(
  run: RunState,
  phase: PhaseRunState,
  reported: PhaseFailed,
  now: Date,
): Decision {
  const { definition, position } = phase;
  const failure =
    reported.failureClass === "cancelled" ? unasked(reported) : reported;
  const next = nextStep(run, phase, failure, now);
  if (next.step === "end") return end(run, phase, failure, now);
  const timeout =
    definition.kind === "builtin"
      ? null
      : timeUsedUp(run, definition.name, failure.message);
  if (timeout !== null) return end(run, phase, failure, now, timeout);

  switch (next.step) {
    case "round":
      return openRound(run, phase, failure, next.round, now);
    case "hold":
      return {
        run: holdPhase(changed(run, phase, next), phase, next.wait, now),
        effects: statusEffects,
      };
    case "queue":
      return {
        run: changePhase(changed(run, phase, next), position, {
          status: "queued",
          availableAt: next.availableAt,
          endedAt: null,
        }),
        effects: ["status_comment"],
      };
  }
}

/** An attempt that was ended by mistake has its next try, as one whose runner was lost; a few of them, then a person looks. */
const unasked = (failure: PhaseFailed): PhaseFailed => ({
  ...failure,
  failureClass: "infrastructure",
  message: "The attempt was ended as cancelled, which nobody had asked for.",
});

type Budget = "agent" | "infrastructure";

type NextStep =
  | { readonly step: "end" }
  | { readonly step: "round"; readonly round: readonly PhaseRunState[] }
  | ({
      readonly step: "hold";
      readonly wait: Wait;
      readonly budget?: Budget;
    } & Rerouted)
  | ({
      readonly step: "queue";
      readonly availableAt: Date;
      readonly budget?: Budget;
    } & Rerouted);

function nextStep(
  run: RunState,
  phase: PhaseRunState,
  failure: PhaseFailed,
  now: Date,
): NextStep {
  const { message, budgetId } = failure;
  const followUp = failureTable[failure.failureClass];
  if (followUp.action === "end" || phase.fence >= MAX_ATTEMPTS)
    return { step: "end" };
  if (failure.handedOver === true && phase.definition.kind !== "builtin")
    return { step: "queue", availableAt: now };
  if (isRefusedAgent(phase, failure))
    return tryNextAgent(run, phase, failure, now);
  switch (followUp.action) {
    case "replan": {
      const round = nextRound(run, phase, now);
      return round === null ? { step: "end" } : { step: "round", round };
    }
    case "ask":
      return { step: "hold", wait: untilPerson(message, followUp.deadlineMs) };
    case "park": {
      const { reason, resumeAfterMs, deadlineMs } = followUp;
      const resumeAt =
        resumeAfterMs === null
          ? null
          : resumeMoment(failure.resumeAt, now, resumeAfterMs);
      return {
        step: "hold",
        wait: { reason, message, budgetId, resumeAt, deadlineMs },
      };
    }
    case "again":
      return nextTry(run, phase, failure, followUp, now);
  }
}

function nextTry(
  run: RunState,
  phase: PhaseRunState,
  failure: PhaseFailed,
  followUp: Extract<FollowUp, { action: "again" }>,
  now: Date,
): NextStep {
  const { budget, limit, backoff, afterwards } = followUp;
  const { message } = failure;
  const failures = phase[counters[budget]] + 1;
  if (failures > limit) {
    switch (afterwards) {
      case "end":
        return { step: "end" };
      case "ask": {
        const wait = untilPerson(message, PERSON_DEADLINE_MS);
        return { step: "hold", wait, budget };
      }
      case "replan": {
        const round = mendingRound(run, phase, failure, now);
        return round === null ? { step: "end" } : { step: "round", round };
      }
    }
  }
  const availableAt = new Date(now.getTime() + backoffMs(backoff, failures));
  if (phase.definition.kind !== "builtin")
    return { step: "queue", availableAt, budget };
  // No queue holds a built-in step back, so the run waits for what publishing depends on.
  return {
    step: "hold",
    wait: {
      reason: "dependency",
      message,
      resumeAt: availableAt,
      deadlineMs: PUBLISH_DEADLINE_MS,
    },
    budget,
  };
}

const counters = {
  agent: "failedAttempts",
  infrastructure: "infrastructureLosses",
} as const satisfies Record<Budget, keyof PhaseRunState>;

/** What the failure leaves on the phase: a budget is used, an agent is out for a while. */
function changed(
  run: RunState,
  phase: PhaseRunState,
  { budget, setbacks }: { readonly budget?: Budget } & Rerouted,
): RunState {
  const counter = budget && counters[budget];
  return changePhase(run, phase.position, {
    ...(counter && { [counter]: phase[counter] + 1 }),
    ...(setbacks && { setbacks }),
  });
}

function untilPerson(message: string, deadlineMs: number): Wait {
  return { reason: "person", message, resumeAt: null, deadlineMs };
}

function end(
  run: RunState,
  phase: PhaseRunState,
  failure: PhaseFailed,
  now: Date,
  because?: RunFailure,
): Decision {
  const recorded = changePhase(run, phase.position, {
    status: "failed",
    result: failure,
    endedAt: now,
  });
  const { failureClass, message } = failure;
  const own = { failureClass, message, phase: phase.definition.name };
  return {
    run: failRun(recorded, because ?? own, now),
    effects: [...statusEffects, ...pullEffects(run, failure)],
  };
}
