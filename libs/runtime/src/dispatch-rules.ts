import type { DispatchRules } from "@pullwright/persistence";
import type { Config } from "@pullwright/platform";

/** The installation's rules for which phase is begun next; the same ones in every process. */
export function dispatchRules({
  agents,
  dispatch,
}: Pick<Config, "agents" | "dispatch">): DispatchRules {
  return {
    maxPhases: dispatch.maxPhases ?? null,
    maxPerAgent: dispatch.maxPerAgent ?? null,
    defaultAgent: agents.default,
    ageingMs: dispatch.ageingMs,
  };
}
