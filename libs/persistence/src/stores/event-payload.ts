import {
  agentsLeft,
  isEnded,
  type PhaseResult,
  type Reservation,
  type RunEvent,
  type RunState,
  type WaitReason,
} from "@pullwright/domain";
import type { LoadedRun } from "./run-record.js";

/** What a run calls the phase at a position; null when it has none there. */
export function phaseName(run: LoadedRun, position: number): string | null {
  const phase = run.state.phases.find((one) => one.position === position);
  return phase?.definition.name ?? null;
}

/** What the run's history shows of an event; results stay with their phases. */
export function eventPayload(
  event: RunEvent,
  run: LoadedRun,
  after: RunState,
): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case "phase_claimed":
      return { phase: phaseName(run, event.position) };
    case "phase_unaffordable":
      return {
        phase: phaseName(run, event.position),
        budget: event.budgetId,
        message: event.message,
      };
    case "budget_freed":
      return { budget: run.state.waiting?.budgetId ?? null };
    case "phase_finished":
      return {
        phase: phaseName(run, event.position),
        fence: event.fence,
        outcome: event.result.outcome,
        ...takenOf(event.result),
        ...(event.result.outcome === "failed"
          ? {
              failure_class: event.result.failureClass,
              message: event.result.message,
              ...nextAgent(event, after),
            }
          : {}),
      };
    case "attempt_lost":
      return {
        phase: phaseName(run, event.position),
        fence: event.fence,
        message: event.message,
        cost_usd: event.costUsd ?? null,
      };
    case "published":
      return {
        pull_request_url: event.pullRequestUrl,
        ...(event.note === undefined ? {} : { note: event.note }),
      };
    case "publish_failed":
      return {
        failure_class: event.result.failureClass,
        message: event.result.message,
      };
    case "blockers_seen":
      return { open: event.open };
    case "wait_elapsed":
      return { reason: run.state.waiting?.reason ?? queuedFor(after) };
    case "cancel_requested":
      return { reason: event.reason };
    case "continue_requested":
      return { add_usd: event.addUsd };
    case "retry_requested":
      return { phase: event.phase };
  }
}

/** What a queued phase waited for: a turn that never came, or an agent whose quota is back. */
const queuedFor = ({ status }: RunState): WaitReason =>
  isEnded(status) ? "capacity" : "quota";

/** What an attempt took, as its end is settled; nothing where it told nothing. */
function takenOf({ usage }: PhaseResult): Readonly<Record<string, unknown>> {
  return usage === null
    ? {}
    : {
        cost_usd: usage.costUsd,
        tokens: usage.inputTokens + usage.outputTokens,
      };
}

/** What an attempt was granted of the budgets that apply to it, and what they leave it at most; null: no limit. */
export function grantedPayload({
  amount,
  room,
}: Pick<Extract<Reservation, { kind: "reserved" }>, "amount" | "room">) {
  return {
    reserved_usd: amount.usd,
    reserved_tokens: amount.tokens,
    room_usd: room.usd,
    room_tokens: room.tokens,
  };
}

/** The agent that was refused and the one that goes on, where a route names one. */
function nextAgent(
  { position, result }: Extract<RunEvent, { type: "phase_finished" }>,
  after: RunState,
): Readonly<Record<string, unknown>> {
  if (result.outcome !== "failed" || result.agent === undefined) return {};
  const { agent } = result;
  const phase = after.phases.find((one) => one.position === position);
  const next =
    phase?.status === "queued" && phase.setbacks.length > 0
      ? agentsLeft(after.agentRoute, phase)[0]
      : undefined;
  return next === undefined ? { agent } : { agent, next_agent: next };
}
