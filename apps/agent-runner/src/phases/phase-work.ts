import { promptOfPhase } from "@pullwright/agents";
import type { PhaseRunState } from "@pullwright/domain";
import { buildPhase } from "./build-phase.js";
import { classifyPhase } from "./classify-phase.js";
import type { PhaseContext, PhaseOutcome } from "./phase-context.js";
import { planPhase } from "./plan-phase.js";
import { testPhase } from "./test-phase.js";

/** Whether there is work for the phase here; a newer version may have others. */
export function knowsPhase({
  definition: { kind, name },
}: Pick<PhaseRunState, "definition">): boolean {
  return kind !== "agent" || promptOfPhase(name, 1) !== undefined;
}

/** The work of a phase by what its definition says of it. */
export function phaseWork(context: PhaseContext): Promise<PhaseOutcome> {
  const { definition } = context.claimed.phase;
  switch (definition.kind) {
    case "commands":
      return testPhase(context);
    case "builtin":
      throw new Error(
        `the phase ${definition.name} is done by effects, not by a runner`,
      );
    case "agent":
      switch (definition.writes) {
        case "nothing":
          return classifyPhase(context);
        case "plan":
          return planPhase(context);
        case "code":
          return buildPhase(context);
      }
  }
}
