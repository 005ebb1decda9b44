import type { FailureClass } from "../failure/failure-class.js";
import type { PhaseDefinition } from "../workflow/workflow-definition.js";

/** An agent whose provider refused work for a phase, and until when. */
export interface Setback {
  readonly agent: string;
  readonly failureClass: Extract<FailureClass, "quota" | "auth">;
  /** One sentence for people: what the provider said. */
  readonly message: string;
  /** When to ask it again; null where only a person can mend it. */
  readonly resumeAt: Date | null;
}

interface RoutedPhase {
  readonly definition: Pick<PhaseDefinition, "kind" | "agent">;
  readonly setbacks: readonly Setback[];
}

/**
 * The agents that may still do a phase, the next one first: the phase's own agent goes before the run's route, and
 * those with a setback are left out. Empty where no agent works, or none is named or left.
 */
export function agentsLeft(
  route: readonly string[],
  { definition, setbacks }: RoutedPhase,
): string[] {
  if (definition.kind !== "agent") return [];
  const own = definition.agent === undefined ? [] : [definition.agent];
  return [...new Set([...own, ...route])].filter(
    (agent) => !setbacks.some((setback) => setback.agent === agent),
  );
}

/** The setbacks that still hold; the same list when all of them do. */
export function setbacksLeft(
  setbacks: readonly Setback[],
  now: Date,
): readonly Setback[] {
  const left = setbacks.filter(
    ({ resumeAt }) => resumeAt === null || resumeAt > now,
  );
  return left.length === setbacks.length ? setbacks : left;
}

/** When the first of them may be asked again; null when only a person can mend them all. */
export function earliestResume(setbacks: readonly Setback[]): Date | null {
  const moments = setbacks.flatMap(({ resumeAt }) => resumeAt ?? []);
  return moments.length === 0
    ? null
    : new Date(Math.min(...moments.map((moment) => moment.getTime())));
}

/** A repository's wish for a route as far as it names agents of this installation; else the installation's own route. */
export function chooseRoute(
  wish: unknown,
  installed: {
    readonly agents: readonly string[];
    readonly route: readonly string[];
  },
): string[] {
  const list: readonly unknown[] = Array.isArray(wish) ? wish : [];
  const wished = installed.agents.filter((agent) => list.includes(agent));
  wished.sort((one, other) => list.indexOf(one) - list.indexOf(other));
  return wished.length > 0 ? wished : [...new Set(installed.route)];
}
