import { agentsLeft, isEnded } from "@pullwright/domain";
import type { Breaker, LoadedRun } from "@pullwright/persistence";

/** The agents that may do phases of the run's current execution. */
export function agentsOfRun(
  { state }: LoadedRun,
  defaultAgent: string,
): string[] {
  const agents = state.phases.flatMap((phase) =>
    agentsLeft(state.agentRoute, phase),
  );
  return agents.length > 0 ? agents : [defaultAgent];
}

/** The agents that may do the run's queued phase; none where it waits for no agent. */
export function queuedAgents(
  { state }: LoadedRun,
  defaultAgent: string,
): string[] {
  const queued = state.phases.find(({ status }) => status === "queued");
  if (queued?.definition.kind !== "agent" || isEnded(state.status)) return [];
  const left = agentsLeft(state.agentRoute, queued);
  return left.length > 0 ? left : [defaultAgent];
}

/** Why a phase stays queued although a runner may be free; null while some agent may be asked. */
export interface UsedUp {
  readonly message: string;
  readonly until: Date;
}

export function usedUp(
  agents: readonly string[],
  breakers: readonly Breaker[],
  now: Date,
): UsedUp | null {
  const resting = agents.map((name) =>
    breakers.find(({ agent, mayTry }) => agent === name && !mayTry),
  );
  const [first] = resting
    .flatMap((breaker) => breaker ?? [])
    .sort((one, other) => one.openUntil.getTime() - other.openUntil.getTime());
  if (first === undefined || resting.includes(undefined)) return null;
  const { agent, openUntil } = first;
  const message =
    openUntil > now
      ? `The quota of ${agent} is used up until ${openUntil.toISOString()}.`
      : `The quota of ${agent} was used up; another phase tries whether it is back.`;
  return { message, until: openUntil };
}
