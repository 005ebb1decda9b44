import { fileURLToPath } from "node:url";
import { CommandAdapter } from "../command/command-adapter.js";
import type { AgentHost } from "../launch/agent-settings.js";

/** The scripted agent's program as built; from sources it has to be built first (`npm run build`). */
export const scriptedAgentPath = fileURLToPath(
  new URL("../../dist/scripted/scripted-agent.js", import.meta.url),
);

/** Tells Node that the program is an ES module. */
const manifest = fileURLToPath(new URL("../../package.json", import.meta.url));

export interface ScriptedSettings {
  /** Path of an {@link AgentScript} as JSON. */
  readonly script: string;
  /** Another build of the program. */
  readonly program?: string;
}

/** Our own deterministic agent, started and read like any command agent. */
export function createScriptedAgent(
  settings: ScriptedSettings,
  host: AgentHost,
): CommandAdapter {
  const program = settings.program ?? scriptedAgentPath;
  return new CommandAdapter(
    {
      argv: [process.execPath, program, settings.script],
      readOnlyPaths: [program, manifest, settings.script],
    },
    host,
    "scripted",
    "Scripted agent",
  );
}
