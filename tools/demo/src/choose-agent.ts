import { constants } from "node:fs";
import { access, copyFile, mkdir, stat, writeFile } from "node:fs/promises";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { scriptedAgentPath } from "@pullwright/agents";
import type { DemoAgent } from "./arguments.js";
import { DemoFailed } from "./demo-failed.js";
import { scriptedWork } from "./sample/scripted-work.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** A real CLI, and what of the person's environment it needs. */
interface RealAgent {
  readonly title: string;
  readonly command: string;
  readonly pathVariable: string;
  readonly keyVariable: string;
  readonly baseUrlVariable: string;
  readonly install: string;
}

const realAgents: Readonly<Record<Exclude<DemoAgent, "scripted">, RealAgent>> =
  {
    claude: {
      title: "Claude Code",
      command: "claude",
      pathVariable: "CLAUDE_CODE_PATH",
      keyVariable: "ANTHROPIC_API_KEY",
      baseUrlVariable: "ANTHROPIC_BASE_URL",
      install: "npm install --global @anthropic-ai/claude-code",
    },
    codex: {
      title: "Codex",
      command: "codex",
      pathVariable: "CODEX_PATH",
      keyVariable: "OPENAI_API_KEY",
      baseUrlVariable: "OPENAI_BASE_URL",
      install: "npm install --global @openai/codex",
    },
  };

const DEFAULT_LIMIT_USD = "5";

/** Pullwright's settings for an agent; throws what is missing and how to mend it. */
export function agentSettings(
  agent: DemoAgent,
  folder: string,
  environment: Environment = process.env,
): Promise<Record<string, string>> {
  return agent === "scripted"
    ? scriptedSettings(folder)
    : realSettings(agent, realAgents[agent], environment);
}

/** The scripted agent is a command like any other; as our own code it may run where there is no sandbox. */
async function scriptedSettings(
  folder: string,
): Promise<Record<string, string>> {
  const place = join(folder, "agent");
  await mkdir(place, { recursive: true, mode: 0o755 });
  // Alone in its folder, so that a sandbox needs to show nothing else.
  const program = join(place, "scripted-agent.mjs");
  const script = join(place, "script.json");
  await copyFile(scriptedAgentPath, program);
  await writeFile(script, JSON.stringify(scriptedWork, null, 2));
  return {
    AGENT: "command",
    AGENT_COMMAND: JSON.stringify([process.execPath, program, script]),
    ALLOW_UNSANDBOXED_AGENTS: "true",
  };
}

async function realSettings(
  agent: string,
  real: RealAgent,
  environment: Environment,
): Promise<Record<string, string>> {
  const wanted = environment[real.pathVariable] ?? real.command;
  const path = await findExecutable(wanted, environment["PATH"] ?? "");
  if (path === undefined)
    throw new DemoFailed(
      `${real.title} was not found (${wanted}). Install it (${real.install}) or set ${real.pathVariable}.`,
    );
  const key = environment[real.keyVariable];
  if (key === undefined || key === "")
    throw new DemoFailed(
      `${real.keyVariable} is not set: ${real.title} works with your own key.`,
    );
  const passedOn = [
    real.baseUrlVariable,
    "AGENT_MODEL",
    "MAX_RUN_USD",
    "ALLOW_UNSANDBOXED_AGENTS",
  ].flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    AGENT: agent,
    [real.pathVariable]: path,
    [real.keyVariable]: key,
    MAX_RUN_USD: DEFAULT_LIMIT_USD,
    ...Object.fromEntries(passedOn),
  };
}

/** A path as it is, a name as a shell would find it. */
async function findExecutable(
  command: string,
  searchPath: string,
): Promise<string | undefined> {
  const candidates = command.includes("/")
    ? [resolve(command)]
    : searchPath
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, command));
  for (const candidate of candidates)
    if (await isExecutable(candidate)) return candidate;
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
