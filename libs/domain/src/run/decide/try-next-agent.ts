import { failureTable } from "../../failure/failure-table.js";
import { resumeMoment } from "../../failure/resume-moment.js";
import {
  agentsLeft,
  earliestResume,
  setbacksLeft,
  type Setback,
} from "../agent-route.js";
import type { PhaseFailed } from "../phase-result.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import type { Wait } from "./hold-phase.js";

/** The agents of a phase that are out for a while; left out where the failure is no agent's. */
export interface Rerouted {
  readonly setbacks?: readonly Setback[];
}

export type NextAgentStep = Required<Rerouted> &
  (
    | { readonly step: "queue"; readonly availableAt: Date }
    | { readonly step: "hold"; readonly wait: Wait }
  );

/** Whether an agent's own provider refused the work: its quota is used up, or its credential is not taken. */
export function isRefusedAgent(
  { definition }: PhaseRunState,
  { agent, failureClass }: PhaseFailed,
): boolean {
  return (
    definition.kind === "agent" &&
    agent !== undefined &&
    (failureClass === "quota" || failureClass === "auth")
  );
}

/** The same phase goes on with the route's next agent at once; with none left the run waits for the first that comes back. */
export function tryNextAgent(
  run: RunState,
  phase: PhaseRunState,
  failure: PhaseFailed,
  now: Date,
): NextAgentStep {
  const { agent = "", failureClass, message } = failure;
  const isQuota = failureClass === "quota";
  const setback: Setback = {
    agent,
    failureClass: isQuota ? "quota" : "auth",
    message,
    resumeAt: isQuota ? resumeMoment(failure.resumeAt, now) : null,
  };
  const setbacks = [
    ...setbacksLeft(phase.setbacks, now).filter((one) => one.agent !== agent),
    setback,
  ];
  if (agentsLeft(run.agentRoute, { ...phase, setbacks }).length > 0)
    return { step: "queue", availableAt: now, setbacks };
  return { step: "hold", wait: untilSomeAgent(setbacks, message), setbacks };
}

function untilSomeAgent(setbacks: readonly Setback[], message: string): Wait {
  const resumeAt = earliestResume(setbacks);
  const told =
    setbacks.length === 1
      ? message
      : `No agent of the route is left. ${setbacks.map(inWords).join(" ")}`;
  const { quota, auth } = failureTable;
  return resumeAt === null
    ? {
        reason: "person",
        message: told,
        resumeAt,
        deadlineMs: auth.deadlineMs,
      }
    : {
        reason: quota.reason,
        message: told,
        resumeAt,
        deadlineMs: quota.deadlineMs,
      };
}

/** A route's sum must stay readable, however much a provider says. */
const SAID_AT_MOST = 300;

function inWords({ agent, failureClass, message }: Setback): string {
  const what =
    failureClass === "quota" ? "its quota is used up" : "it is not let in";
  return `${agent}: ${what} (${message.slice(0, SAID_AT_MOST)}).`;
}
