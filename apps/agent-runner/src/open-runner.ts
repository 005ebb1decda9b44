import { join } from "node:path";
import { createAgents, type AgentsSettings } from "@pullwright/agents";
import { cloneUrlOf } from "@pullwright/github";
import { AppError, type Config } from "@pullwright/platform";
import { openGitHub, type Runtime } from "@pullwright/runtime";
import { createSandbox, type Sandbox } from "@pullwright/sandbox";
import { createWorkspaces, GitError } from "@pullwright/workspace";
import { Agents } from "./agent/agents.js";
import { credentialsOf } from "./agent/credential-of.js";
import { AttemptFolders } from "./attempt/attempt-folders.js";
import { gitAccess } from "./git-access.js";
import type { RunnerParts } from "./phases/phase-context.js";
import { Runner } from "./runner.js";

/** There is no wall between agents and this machine, and nobody said that this is all right. */
export class SandboxRefused extends AppError {
  constructor(message: string) {
    super("sandbox_refused", message, { expose: true });
  }
}

/** git is missing, or is not what we need. */
export class GitRefused extends AppError {
  constructor(cause: GitError) {
    super("git_refused", `${cause.message} Put git 2.38 or newer on PATH.`, {
      expose: true,
    });
  }
}

/** Makes a runner out of the configuration; refuses to where agents could not be kept apart from this machine. */
export async function openRunner(runtime: Runtime): Promise<Runner> {
  const { config, logger } = runtime;
  const choice = await createSandbox({
    allowUnsandboxed: config.runner.allowUnsandboxed,
    hidden: [config.workDir],
    searchPath: config.searchPath,
  });
  if (choice.outcome === "refused") throw new SandboxRefused(choice.message);
  const { sandbox } = choice;
  for (const warning of sandbox.warnings)
    logger.warn({ sandbox: sandbox.kind }, warning);

  const workspaces = await createWorkspaces({
    root: join(config.workDir, "workspaces"),
    owner: sandbox.owner,
    searchPath: config.searchPath,
    httpHosts: [new URL(config.github.serverUrl).host],
    atOnce: config.runner.concurrency,
    onTrouble: (error) =>
      logger.warn({ err: error }, "no tree could be laid out ahead"),
  }).catch((error: unknown) => {
    throw error instanceof GitError ? new GitRefused(error) : error;
  });
  runtime.shutdown.add("workspaces", () => workspaces.close());
  const agents = createAgents(agentsSettings(config, sandbox));
  const github = openGitHub(runtime);
  const parts: RunnerParts = {
    stores: runtime.stores,
    workspaces,
    folders: new AttemptFolders(workspaces.root),
    sandbox,
    agents: new Agents(agents, {
      defaultAgent: config.agents.default,
      defaultModel: config.agents.model,
      credentialOf: credentialsOf(config.agents),
      windows: config.agents.contextWindows,
      prices: config.agents.prices,
    }),
    git: gitAccess({
      cloneUrlOf: (repository) =>
        cloneUrlOf(config.github.serverUrl, repository),
      github,
      repositories: runtime.stores.repositories,
    }),
    searchPath: config.searchPath,
    secrets: config.secrets,
    limits: {
      phaseTimeoutMs: config.runner.phaseTimeoutMs,
      silenceTimeoutMs: config.runner.silenceTimeoutMs,
      memoryBytes: config.runner.maxAgentMemoryBytes,
    },
  };
  return new Runner(runtime, parts, {
    concurrency: config.runner.concurrency,
    drainMs: config.runner.drainMs,
  });
}

function agentsSettings(config: Config, sandbox: Sandbox): AgentsSettings {
  const { claude, codex, command = [] } = config.agents;
  const [program, ...args] = command;
  return {
    host: {
      searchPath: config.searchPath,
      sandboxed: sandbox.kind === "bubblewrap",
      runsAsRoot: process.getuid?.() === 0 && sandbox.owner === undefined,
    },
    claude: {
      path: claude.path,
      ...given({ apiKey: claude.apiKey, baseUrl: claude.baseUrl }),
    },
    codex: {
      path: codex.path,
      ...given({ apiKey: codex.apiKey, baseUrl: codex.baseUrl }),
    },
    ...(program === undefined ? {} : { command: { argv: [program, ...args] } }),
  };
}

/** The entries that are set. */
function given<T extends Record<string, string | undefined>>(
  values: T,
): { [K in keyof T]?: string } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]?: string }; // Only absent keys were taken out.
}
