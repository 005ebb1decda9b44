import { changePhase, changeRun } from "../change-phase.js";
import { refuse, type Decision, type Refusal } from "../decision.js";
import type { FailureClass } from "../../failure/failure-class.js";
import type { RunState } from "../run-state.js";
import type { WaitReason } from "../waiting.js";
import { failRun } from "./end-run.js";

/** A wait's moment has come: go on at `resumeAt`, end in `failed` at the deadline. */
export function elapseWait(run: RunState, now: Date): Decision | Refusal {
  const { waiting } = run;
  if (waiting === null) return refuse("not_waiting", "The run does not wait.");
  if (now >= waiting.deadline) {
    const phase = run.phases.find(
      (candidate) => candidate.status === "waiting",
    );
    const failure = {
      failureClass: classOf[waiting.reason],
      message: `Nobody ended the wait (${waiting.reason}) in time. ${waiting.message}`,
      phase: phase?.definition.name ?? null,
    };
    return {
      run: failRun(run, failure, now),
      effects: ["status_comment", "labels", "commit_status"],
    };
  }
  if (waiting.resumeAt === null || now < waiting.resumeAt)
    return refuse("not_yet", "The wait is not over.");
  return resume(run, now);
}

/** Puts the held phase back: queued for an owner, or running again where the effects do the work. */
export function resume(run: RunState, now: Date): Decision {
  const held = run.phases.find((phase) => phase.status === "waiting");
  if (held === undefined) {
    return {
      run: changeRun(run, { status: "running", waiting: null }),
      effects: ["status_comment", "labels"],
    };
  }
  const builtin = held.definition.kind === "builtin";
  const resumed = changePhase(run, held.position, {
    status: builtin ? "running" : "queued",
    availableAt: now,
  });
  return {
    run: changeRun(resumed, { status: "running", waiting: null }),
    effects: builtin
      ? ["status_comment", "labels", "pull_request"]
      : ["status_comment", "labels"],
  };
}

const classOf: Readonly<Record<WaitReason, FailureClass>> = {
  approval: "policy",
  quota: "quota",
  budget: "budget",
  dependency: "timeout",
  capacity: "infrastructure",
  ci: "timeout",
  review: "timeout",
  hosted_agent: "timeout",
  person: "timeout",
};
