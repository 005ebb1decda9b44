import type { AgentAdapter, AgentProbe } from "./agent.js";
import { ClaudeAdapter } from "./claude/claude-adapter.js";
import type { ClaudeSettings } from "./claude/claude-settings.js";
import { CodexAdapter } from "./codex/codex-adapter.js";
import type { CodexSettings } from "./codex/codex-settings.js";
import { CommandAdapter } from "./command/command-adapter.js";
import type { CommandSettings } from "./command/command-settings.js";
import { assertAllowedEnvironment } from "./launch/agent-environment.js";
import type { AgentHost } from "./launch/agent-settings.js";
import {
  createScriptedAgent,
  type ScriptedSettings,
} from "./scripted/scripted-adapter.js";

/** Which agents there are. An agent without settings does not exist here. */
export interface AgentsSettings {
  readonly host: AgentHost;
  readonly claude?: ClaudeSettings;
  readonly codex?: CodexSettings;
  readonly command?: CommandSettings;
  readonly scripted?: ScriptedSettings;
}

/** The agents of this installation, by name. */
export interface AgentRegistry {
  get(name: string): AgentAdapter | undefined;
  list(): readonly AgentProbe[];
}

/** Makes the agents; throws `agent_settings_invalid` for settings that would be unsafe. */
export function createAgents(settings: AgentsSettings): AgentRegistry {
  const { host, claude, codex, command, scripted } = settings;
  assertAllowedEnvironment("agents", host.env);
  const adapters: AgentAdapter[] = [
    ...(claude ? [new ClaudeAdapter(claude, host)] : []),
    ...(codex ? [new CodexAdapter(codex, host)] : []),
    ...(command ? [new CommandAdapter(command, host)] : []),
    ...(scripted ? [createScriptedAgent(scripted, host)] : []),
  ];
  const byName = new Map(adapters.map((adapter) => [adapter.name, adapter]));
  return {
    get: (name) => byName.get(name),
    list: () => adapters.map((adapter) => adapter.probe()),
  };
}
