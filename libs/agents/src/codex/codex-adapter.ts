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
import { codexLaunch } from "./codex-launch.js";
import { CodexParser } from "./codex-parser.js";
import type { CodexSettings } from "./codex-settings.js";

/** OpenAI's Codex CLI. */
export class CodexAdapter implements AgentAdapter {
  readonly name = "codex";
  readonly leftovers: readonly RegExp[] = [];
  readonly speaksInLines = false;

  constructor(
    private readonly settings: CodexSettings,
    private readonly host: AgentHost,
  ) {
    assertAllowedEnvironment("codex", settings.env);
  }

  probe(): AgentProbe {
    return {
      agent: this.name,
      title: "Codex",
      executable: this.settings.path,
      versionArgv: [this.settings.path, "--version"],
      missingSettings:
        this.settings.apiKey === undefined ? ["OPENAI_API_KEY"] : [],
      mend: "npm install --global @openai/codex, then set OPENAI_API_KEY (and CODEX_PATH if it is not on PATH).",
    };
  }

  prepare(request: AgentRequest): AgentLaunch {
    return codexLaunch(this.settings, this.host, request);
  }

  createParser(options?: ParserOptions): AgentParser {
    return new CodexParser(options);
  }
}
