import {
  backoffMs,
  failureTable,
  PERSON_DEADLINE_MS,
  type FollowUp,
} from "../../failure/failure-table.js";
import { changePhase, changeRun } from "../change-phase.js";
import type { Decision } from "../decision.js";
import type { PhaseFailed } from "../phase-result.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import type { WaitReason } from "../waiting.js";
import { cancelRun, failRun } from "./end-run.js";
import { openRound } from "./open-round.js";

/** What a failed attempt leads to; the failure's class alone decides. */
export function followFailure(
  run: RunState,
  phase: PhaseRunState,
  failure: PhaseFailed,
  now: Date,
): Decision {
  if (failure.failureClass === "cancelled") {
    const ended = changePhase(run, phase.position, {
      status: "cancelled",
      result: failure,
      endedAt: now,
    });
    return {
      run: cancelRun(ended, now),
      effects: ["status_comment", "labels", "commit_status"],
    };
  }
  if (run.activeMs >= run.limits.maxActiveMs) {
    const minutes = Math.round(run.limits.maxActiveMs / 60_000);
    return end(
      run,
      phase,
      {
        ...failure,
        failureClass: "timeout",
        message: `The run used its ${minutes} minutes. ${failure.message}`,
      },
      now,
    );
  }
  const followUp = failureTable[failure.failureClass];
  switch (followUp.action) {
    case "again":
      return again(run, phase, failure, followUp, now);
    case "park": {
      const resumeAt = resumeMoment(failure, followUp.resumeAfterMs, now);
      return park(
        run,
        phase,
        failure,
        { reason: followUp.reason, resumeAt, deadlineMs: followUp.deadlineMs },
        now,
      );
    }
    case "ask":
      return park(
        run,
        phase,
        failure,
        { reason: "person", resumeAt: null, deadlineMs: followUp.deadlineMs },
        now,
      );
    case "replan":
      return (
        openRound(run, phase, failure, now) ?? end(run, phase, failure, now)
      );
    case "end":
      return end(run, phase, failure, now);
  }
}

function again(
  run: RunState,
  phase: PhaseRunState,
  failure: PhaseFailed,
  followUp: Extract<FollowUp, { action: "again" }>,
  now: Date,
): Decision {
  const counter =
    followUp.budget === "infrastructure"
      ? "infrastructureLosses"
      : "failedAttempts";
  const failures = phase[counter] + 1;
  const counted = changePhase(run, phase.position, { [counter]: failures });
  if (failures > followUp.limit) {
    if (followUp.afterwards === "end") return end(counted, phase, failure, now);
    return park(
      counted,
      phase,
      failure,
      { reason: "person", resumeAt: null, deadlineMs: PERSON_DEADLINE_MS },
      now,
    );
  }
  const availableAt = new Date(
    now.getTime() + backoffMs(followUp.backoff, failures),
  );
  return {
    run: changePhase(counted, phase.position, {
      status: "queued",
      availableAt,
      endedAt: null,
    }),
    effects: ["status_comment"],
  };
}

interface Wait {
  readonly reason: WaitReason;
  readonly resumeAt: Date | null;
  readonly deadlineMs: number;
}

function park(
  run: RunState,
  phase: PhaseRunState,
  failure: PhaseFailed,
  wait: Wait,
  now: Date,
): Decision {
  const held = changePhase(run, phase.position, {
    status: "waiting",
    endedAt: null,
  });
  const waiting = {
    reason: wait.reason,
    message: failure.message,
    since: now,
    resumeAt: wait.resumeAt,
    deadline: new Date(now.getTime() + wait.deadlineMs),
  };
  return {
    run: changeRun(held, { status: "waiting", waiting }),
    effects: ["status_comment", "labels", "commit_status"],
  };
}

function end(
  run: RunState,
  phase: PhaseRunState,
  failure: PhaseFailed,
  now: Date,
): Decision {
  const recorded = changePhase(run, phase.position, {
    status: "failed",
    result: failure,
    endedAt: now,
  });
  const { failureClass, message } = failure;
  return {
    run: failRun(
      recorded,
      { failureClass, message, phase: phase.definition.name },
      now,
    ),
    effects:
      failure.tests === undefined
        ? ["status_comment", "labels", "commit_status"]
        : ["status_comment", "labels", "pull_request", "commit_status"],
  };
}

/** A provider's own moment counts when it parses and lies ahead. */
function resumeMoment(
  failure: PhaseFailed,
  fallbackMs: number | null,
  now: Date,
): Date | null {
  const named =
    failure.resumeAt === undefined ? NaN : Date.parse(failure.resumeAt);
  if (Number.isFinite(named)) return new Date(Math.max(named, now.getTime()));
  return fallbackMs === null ? null : new Date(now.getTime() + fallbackMs);
}
