import type { AgentError, AgentFinished } from "@pullwright/contracts";
import type { FailureClass } from "@pullwright/domain";
import type { AgentExit, StopReason } from "../agent.js";

/** Our own stops, whatever the agent says of them. */
export const failureByStopReason: Readonly<Record<StopReason, FailureClass>> = {
  timeout: "timeout",
  silence: "stalled",
  cancelled: "cancelled",
  output_cap: "agent_error",
  memory: "agent_error",
  processes: "agent_error",
  // Another runner may have the program; if none has, the infrastructure budget ends in a question to a person.
  spawn_failed: "infrastructure",
};

/** Ends whose kind says more than their error. Null: the error's class decides. */
export const failureByStop: Readonly<
  Record<NonNullable<AgentFinished["stop"]>, FailureClass | null>
> = {
  completed: null,
  error: null,
  crashed: null,
  max_turns: "agent_error",
  budget: "budget",
  // Nobody here asked for it: the machine ran out of memory, or somebody stopped the process.
  cancelled: "infrastructure",
  killed: "infrastructure",
};

/** What the model's side or the CLI reported. */
export const failureByErrorClass: Readonly<
  Record<AgentError["class"], FailureClass>
> = {
  auth: "auth",
  rate_limit: "quota",
  server: "transient",
  network: "transient",
  session_not_found: "transient",
  context_overflow: "agent_error",
  invalid_request: "agent_error",
  limit: "agent_error",
  refusal: "agent_error",
  unknown: "agent_error",
};

export interface PhaseFailureFacts {
  readonly failureClass: FailureClass;
  /** One sentence for people. */
  readonly message: string;
  /** When a limit ends, if the provider said so. ISO 8601. */
  readonly resumeAt?: string;
  /** The agent whose provider refused. */
  readonly agent?: string;
}

/** How the domain sees an agent's end; null for success. */
export function toPhaseFailure(
  finished: AgentFinished,
  exit: Pick<AgentExit, "stoppedBy">,
): PhaseFailureFacts | null {
  if (finished.outcome === "succeeded" && !exit.stoppedBy) return null;
  const failureClass = exit.stoppedBy
    ? failureByStopReason[exit.stoppedBy]
    : (failureByStop[
        finished.stop ??
          (finished.outcome === "cancelled" ? "cancelled" : "error")
      ] ?? failureByErrorClass[finished.error?.class ?? "unknown"]);
  const resumeAt =
    failureClass === "quota" ? finished.error?.resume_at : undefined;
  return {
    failureClass,
    message: finished.error?.message || defaultMessage(finished),
    ...(resumeAt !== undefined && { resumeAt }),
  };
}

function defaultMessage(finished: AgentFinished): string {
  return finished.outcome === "cancelled"
    ? "The agent was cancelled."
    : "The agent failed and did not say why.";
}
