import type { Config } from "./load-config.js";

/** The agents that can be asked for by name, the default one first. */
export function agentNames({ agents }: Pick<Config, "agents">): string[] {
  const others = ["claude", "codex", ...(agents.command ? ["command"] : [])];
  return [...new Set([agents.default, ...others])];
}
