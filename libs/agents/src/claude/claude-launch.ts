import type { AgentLaunch, AgentRequest } from "../agent.js";
import { agentEnvironment, temporaryDir } from "../launch/agent-environment.js";
import type { AgentHost } from "../launch/agent-settings.js";
import { safeArgument } from "../launch/safe-argument.js";
import { standingRules } from "../prompts/standing-rules.js";
import { defaultAllowedTools, type ClaudeSettings } from "./claude-settings.js";

/** How to start Claude Code for a request. */
export function claudeLaunch(
  settings: ClaudeSettings,
  host: AgentHost,
  request: AgentRequest,
): AgentLaunch {
  const env = {
    ...agentEnvironment(host, request.homeDir, settings.env),
    ...claudeVariables(settings, host),
  };
  return {
    argv: [settings.path, ...claudeArguments(settings, host, request)],
    cwd: request.worktree,
    env,
    stdin: request.prompt,
    directories: [temporaryDir(request.homeDir)],
    files: [],
    programs: [],
    readOnlyPaths: settings.readOnlyPaths ?? [],
    writablePaths: [],
    resultFile: null,
  };
}

function claudeVariables(settings: ClaudeSettings, host: AgentHost) {
  return {
    ...(settings.apiKey !== undefined && {
      ANTHROPIC_API_KEY: settings.apiKey,
    }),
    ...(settings.baseUrl !== undefined && {
      ANTHROPIC_BASE_URL: settings.baseUrl,
    }),
    // Ten retries over 90 s otherwise: when to try again is the domain's to say.
    CLAUDE_CODE_MAX_RETRIES: "0",
    // Hides the provider's key from the commands that the model runs.
    CLAUDE_CODE_SUBPROCESS_ENV_SCRUB: "1",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_ERROR_REPORTING: "1",
    DISABLE_AUTOUPDATER: "1",
    // The CLI refuses some modes to root; true only where our sandbox is what root is locked into.
    ...(host.sandboxed && host.runsAsRoot && { IS_SANDBOX: "1" }),
  };
}

function claudeArguments(
  settings: ClaudeSettings,
  host: AgentHost,
  request: AgentRequest,
): string[] {
  const model = safeArgument("model", request.model ?? settings.model);
  const session = safeArgument("session", request.sessionId);
  const maxTurns = request.maxTurns ?? settings.maxTurns;
  return [
    "-p",
    ...["--output-format", "stream-json", "--verbose"],
    ...(model === undefined ? [] : ["--model", model]),
    ...(session === undefined ? [] : ["--resume", session]),
    ...(maxTurns === undefined ? [] : ["--max-turns", String(maxTurns)]),
    ...(request.budgetUsd === undefined
      ? []
      : ["--max-budget-usd", String(request.budgetUsd)]),
    ...permissions(settings, host, request),
    // Both were seen to run code from the repository: its `.claude/settings.json` hooks and its `.mcp.json`.
    ...["--setting-sources", "user", "--strict-mcp-config"],
    ...["--append-system-prompt", standingRules],
  ];
}

function permissions(
  settings: ClaudeSettings,
  host: AgentHost,
  request: AgentRequest,
): string[] {
  if ((request.writes ?? "code") !== "code") {
    return [
      "--permission-mode",
      "default",
      "--disallowedTools",
      "Edit,Write,NotebookEdit",
    ];
  }
  const allowed = settings.allowedTools ?? defaultAllowedTools(host.sandboxed);
  return [
    "--permission-mode",
    "acceptEdits",
    ...(allowed.length === 0 ? [] : ["--allowedTools", allowed.join(",")]),
  ];
}
