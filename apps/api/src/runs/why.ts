import type { Why } from "@pullwright/contracts";
import type { LoadedRun, Standing } from "@pullwright/persistence";
import type { UsedUp } from "./used-up.js";

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** Names the one thing a run waits for, or what it is doing. */
export function why(
  run: LoadedRun,
  standing: Standing | null,
  rest: UsedUp | null,
): Why {
  const { state } = run;
  const base = { adw_id: run.adwId, status: state.status };
  const nothing = {
    phase: null,
    since: null,
    until: null,
    queued_ahead: null,
    position: null,
    limit: null,
    estimated_start: null,
    runner: null,
  };
  if (state.endedAt !== null) {
    return {
      ...base,
      ...nothing,
      reason: "ended",
      message: endOf(run),
      phase: state.failure?.phase ?? null,
      since: iso(state.endedAt),
    };
  }
  if (state.waiting !== null) {
    const { reason, message, since, resumeAt, deadline } = state.waiting;
    return {
      ...base,
      ...nothing,
      reason,
      message,
      phase:
        state.phases.find(({ status }) => status === "waiting")?.definition
          .name ?? null,
      since: since.toISOString(),
      until: iso(resumeAt ?? deadline),
    };
  }
  return { ...base, ...nothing, ...work(run, standing, rest) };
}

function endOf({ state }: LoadedRun): string {
  switch (state.outcome) {
    case "pull_request":
      return "The run is completed; its pull request is open.";
    case "planned":
      return "The run is completed; its plan is on the branch.";
    case "no_changes":
      return "The run is completed; nothing had to be changed.";
    case null:
      return state.failure?.message ?? `The run is ${state.status}.`;
  }
}

/** What a run that neither waits nor has ended is at. */
function work(
  run: LoadedRun,
  standing: Standing | null,
  rest: UsedUp | null,
): Partial<Why> & Pick<Why, "reason" | "message"> {
  const { state } = run;
  const running = state.phases.find(({ status }) => status === "running");
  if (running !== undefined) {
    const phase = running.definition.name;
    const since = iso(running.startedAt);
    if (state.cancelRequest !== null)
      return {
        reason: "cancelling",
        message: "The run ends as soon as its agent is gone.",
        phase,
        since: state.cancelRequest.at.toISOString(),
      };
    if (running.definition.kind === "builtin")
      return {
        reason: "publishing",
        message: "The orchestrator publishes the result.",
        phase,
        since,
      };
    const runner =
      run.phaseRows.find(({ position }) => position === running.position)
        ?.owner ?? null;
    return {
      reason: "running",
      message: `The phase ${phase} is being worked on.`,
      phase,
      since,
      runner,
    };
  }
  const queued = state.phases.find(({ status }) => status === "queued");
  const phase = queued?.definition.name ?? null;
  if (queued !== undefined && queued.availableAt > run.clock)
    return {
      reason: "back_off",
      message: "The next attempt begins after a pause.",
      phase,
      until: queued.availableAt.toISOString(),
    };
  if (queued !== undefined && rest !== null)
    return {
      reason: "quota",
      message: rest.message,
      phase,
      since: iso(queued.availableAt),
      until: rest.until.toISOString(),
    };
  const since = iso(queued?.availableAt ?? null);
  return { phase, since, ...turn(standing, run.clock) };
}

/** Where a phase stands that might begin now; null when it was just given to a runner. */
function turn(
  standing: Standing | null,
  now: Date,
): Partial<Why> & Pick<Why, "reason" | "message"> {
  if (standing === null)
    return { reason: "queued", message: "A runner is about to begin it." };
  const { position, heldBy, heldName } = standing;
  const place = {
    position,
    queued_ahead: position - 1,
    estimated_start: iso(estimate(standing, now)),
  };
  if (heldBy !== null)
    return {
      ...place,
      reason: "limit",
      message: `As many phases run ${heldName === null ? "here" : `for ${heldName}`} as may at once.`,
      limit: { of: heldBy, name: heldName },
    };
  return {
    ...place,
    reason: "queued",
    message:
      position === 1
        ? "The next free runner takes it."
        : `${(position - 1).toString()} phases stand before it.`,
  };
}

/** Each slot in use gets free once in a median duration, and each time the order moves up by one. */
function estimate(
  { position, running, medianMs }: Standing,
  now: Date,
): Date | null {
  if (medianMs === null || running === 0) return null;
  return new Date(now.getTime() + (medianMs * position) / running);
}
