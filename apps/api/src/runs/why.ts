import type { Why } from "@pullwright/contracts";
import type { LoadedRun } from "@pullwright/persistence";
import type { UsedUp } from "./used-up.js";

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** Names the one thing a run waits for, or what it is doing. */
export function why(
  run: LoadedRun,
  queuedAhead: number | null,
  rest: UsedUp | null,
): Why {
  const { state } = run;
  const base = { adw_id: run.adwId, status: state.status };
  const nothing = {
    phase: null,
    since: null,
    until: null,
    queued_ahead: null,
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
  return { ...base, ...nothing, ...work(run, queuedAhead, rest) };
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
  queuedAhead: number | null,
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
  return {
    reason: "queued",
    message:
      queuedAhead === null || queuedAhead === 0
        ? "The next free runner takes it."
        : `${queuedAhead.toString()} phases stand before it.`,
    phase,
    since: iso(queued?.availableAt ?? null),
    queued_ahead: queuedAhead,
  };
}
