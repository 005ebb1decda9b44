import { isAbsolute } from "node:path";
import { createAgents, type AgentProbe } from "@pullwright/agents";
import { findExecutable } from "@pullwright/sandbox";
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
  const { missingSettings } = probe;
  const version = await versionIn(probe, searchPath);
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

/** Empty where there is no version to ask for; undefined when it cannot be run. */
async function versionIn(
  { executable, versionArgv }: AgentProbe,
  searchPath: string,
): Promise<string | undefined> {
  if (versionArgv !== null) return versionOf(versionArgv, searchPath);
  // Meant from the worktree, so that only a run can tell.
  if (executable.includes("/") && !isAbsolute(executable)) return "";
  return (await findExecutable(executable, searchPath)) && "";
}
