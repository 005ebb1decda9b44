import { changePhase, changeRun } from "../change-phase.js";
import type { Decision, EffectKind } from "../decision.js";
import type { RunOutcome, RunState } from "../run-state.js";
import { completeRun } from "./end-run.js";

/** Queues the next phase, or completes the run when there is none. */
export function advance(
  run: RunState,
  effects: readonly EffectKind[],
  now: Date,
): Decision {
  const next = run.phases.find((phase) => phase.status === "pending");
  if (next === undefined) {
    return {
      run: completeRun(run, finalOutcome(run), now),
      effects: withKinds(effects, [
        "status_comment",
        "labels",
        "commit_status",
      ]),
    };
  }
  if (next.definition.kind === "builtin") {
    // Built-in steps are done by the effects themselves; nobody claims them.
    const started = changePhase(run, next.position, {
      status: "running",
      startedAt: now,
    });
    return {
      run: changeRun(started, { status: "running" }),
      effects: withKinds(effects, ["status_comment", "pull_request"]),
    };
  }
  const queued = changePhase(run, next.position, {
    status: "queued",
    availableAt: now,
  });
  return { run: queued, effects: withKinds(effects, ["status_comment"]) };
}

function finalOutcome(run: RunState): RunOutcome {
  return run.pullRequestUrl === null ? "planned" : "pull_request";
}

export function withKinds(
  effects: readonly EffectKind[],
  more: readonly EffectKind[],
): EffectKind[] {
  return [...new Set([...effects, ...more])];
}
