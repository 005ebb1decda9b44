import { dirname } from "node:path";
import type { AgentLaunch, AgentRequest } from "../agent.js";
import { agentEnvironment, temporaryDir } from "../launch/agent-environment.js";
import type { AgentHost } from "../launch/agent-settings.js";
import type { CommandSettings } from "./command-settings.js";

/** How to start a command agent: its contract with the outside is exactly this environment, stdin and folder. */
export function commandLaunch(
  settings: CommandSettings,
  host: AgentHost,
  request: AgentRequest,
): AgentLaunch {
  const env = {
    ...agentEnvironment(host, request.homeDir, settings.env),
    PULLWRIGHT_PHASE: request.phase,
    PULLWRIGHT_ROUND: String(request.round),
    // The public id: what the API, the branch and the comments call this run.
    PULLWRIGHT_RUN_ID: request.adwId,
    PULLWRIGHT_ISSUE_NUMBER:
      request.issueNumber === null ? "" : String(request.issueNumber),
    PULLWRIGHT_OUTPUT: request.outputFile,
  };
  return {
    argv: settings.argv,
    cwd: request.worktree,
    env,
    stdin: request.prompt,
    directories: [temporaryDir(request.homeDir), dirname(request.outputFile)],
    files: [],
    programs: settings.argv.slice(1),
    readOnlyPaths: settings.readOnlyPaths ?? [],
    writablePaths: [dirname(request.outputFile)],
    resultFile: request.outputFile,
  };
}
