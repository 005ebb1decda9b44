import type {
  AgentAdapter,
  AgentLaunch,
  AgentParser,
  AgentProbe,
  AgentRequest,
  ParserOptions,
} from "../agent.js";
import { assertAllowedEnvironment } from "../launch/agent-environment.js";
import type { AgentHost } from "../launch/agent-settings.js";
import { claudeLaunch } from "./claude-launch.js";
import { ClaudeParser } from "./claude-parser.js";
import { assertAllowedTools, type ClaudeSettings } from "./claude-settings.js";

/** Claude Code, which each installer gets and licenses for themselves. */
export class ClaudeAdapter implements AgentAdapter {
  readonly name = "claude";
  /** A `Write` that was cut off leaves `<name>.tmp.<pid>.<hash>`. */
  readonly leftovers = [/\.tmp\.\d+\.[0-9a-f]+$/];
  readonly speaksInLines = false;

  constructor(
    private readonly settings: ClaudeSettings,
    private readonly host: AgentHost,
  ) {
    assertAllowedEnvironment("claude", settings.env);
    assertAllowedTools(settings.allowedTools ?? []);
  }

  probe(): AgentProbe {
    return {
      agent: this.name,
      title: "Claude Code",
      executable: this.settings.path,
      versionArgv: [this.settings.path, "--version"],
      missingSettings:
        this.settings.apiKey === undefined ? ["ANTHROPIC_API_KEY"] : [],
      mend: "npm install --global @anthropic-ai/claude-code, then set ANTHROPIC_API_KEY (and CLAUDE_CODE_PATH if it is not on PATH).",
    };
  }

  prepare(request: AgentRequest): AgentLaunch {
    return claudeLaunch(this.settings, this.host, request);
  }

  createParser(options?: ParserOptions): AgentParser {
    return new ClaudeParser(options);
  }
}
