/** The agents that a setting can name, the usual one first. `command` is whatever AGENT_COMMAND names. */
export const knownAgents = ["claude", "codex", "command"] as const;
