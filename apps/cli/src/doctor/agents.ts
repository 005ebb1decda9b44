import { createAgents, type AgentProbe } from "@pullwright/agents";
import { fail, ok, warn, type Check, type Finding } from "./check.js";
import { versionOf } from "./programs.js";

export const checkAgents: Check = async ({ config }) => {
  const { claude, codex, command } = config.agents;
  const registry = createAgents({
    // Nothing is started with these settings: they only say where the programs are.
    host: { searchPath: config.searchPath, sandboxed: true, runsAsRoot: false },
    claude: {
      path: claude.path,
      ...(claude.apiKey ? { apiKey: claude.apiKey } : {}),
    },
    codex: {
      path: codex.path,
      ...(codex.apiKey ? { apiKey: codex.apiKey } : {}),
    },
    ...(isCommandLine(command) ? { command: { argv: command } } : {}),
  });
  const probes = registry.list();
  const isDefault = (probe: AgentProbe) =>
    probe.agent === config.agents.default;
  return Promise.all(
    probes.map((probe) => look(probe, isDefault(probe), config.searchPath)),
  );
};

const isCommandLine = (
  argv: readonly string[] | undefined,
): argv is readonly [string, ...string[]] =>
  argv !== undefined && argv.length > 0;

/** What the default agent lacks stops every run, what another one lacks only those that ask for it. */
async function look(
  probe: AgentProbe,
  isDefault: boolean,
  searchPath: string,
): Promise<Finding> {
  const check = `agent ${probe.agent}`;
  const bad = isDefault ? fail : warn;
  const { versionArgv, missingSettings } = probe;
  const version =
    versionArgv === null ? "" : await versionOf(versionArgv, searchPath);
  if (version === undefined)
    return bad(check, `${probe.executable} cannot be run.`, probe.mend);
  if (missingSettings.length > 0)
    return bad(
      check,
      `${probe.title} lacks ${missingSettings.join(", ")}.`,
      `Set ${missingSettings.join(", ")}.`,
    );
  return ok(check, `${probe.title} ${version}`.trim());
}
