import { knownAgents } from "./known-agents.js";
import type { Config } from "./load-config.js";

/** The agents that can be asked for by name, the default one first. */
export function agentNames({ agents }: Pick<Config, "agents">): string[] {
  const others = knownAgents.filter(
    (name) => name !== "command" || agents.command !== undefined,
  );
  return [...new Set([agents.default, ...others])];
}
