import { join } from "node:path";
import type { AgentLaunch, AgentRequest } from "../agent.js";
import { agentEnvironment, temporaryDir } from "../launch/agent-environment.js";
import type { AgentHost } from "../launch/agent-settings.js";
import { safeArgument } from "../launch/safe-argument.js";
import { codexConfig, codexSandbox } from "./codex-config.js";
import type { CodexSettings } from "./codex-settings.js";

/** How to start codex for a request. */
export function codexLaunch(
  settings: CodexSettings,
  host: AgentHost,
  request: AgentRequest,
): AgentLaunch {
  // Where codex looks by itself. Naming it in CODEX_HOME would tie it to a path that a sandbox may move.
  const codexHome = join(request.homeDir, ".codex");
  const env = {
    ...agentEnvironment(host, request.homeDir, settings.env),
    ...(settings.apiKey !== undefined && { OPENAI_API_KEY: settings.apiKey }),
  };
  const sandbox = codexSandbox(host, (request.writes ?? "code") === "code");
  const model = safeArgument("model", request.model ?? settings.model);
  return {
    argv: [settings.path, ...codexArguments(request, sandbox)],
    cwd: request.worktree,
    env,
    stdin: request.prompt,
    directories: [codexHome, temporaryDir(request.homeDir)],
    files: [
      {
        path: join(codexHome, "config.toml"),
        content: codexConfig(settings, sandbox, model),
        mode: 0o600,
      },
    ],
    programs: [],
    readOnlyPaths: settings.readOnlyPaths ?? [],
    writablePaths: [],
    resultFile: null,
  };
}

/** `resume` takes no sandbox flag, so the mode stands in the configuration as well. `-` is the prompt on stdin. */
function codexArguments(request: AgentRequest, sandbox: string): string[] {
  const session = safeArgument("session", request.sessionId);
  if (session !== undefined)
    return ["exec", "resume", "--json", "--skip-git-repo-check", session, "-"];
  return ["exec", "--json", "--skip-git-repo-check", "-s", sandbox, "-"];
}
