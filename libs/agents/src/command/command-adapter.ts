import type {
  AgentAdapter,
  AgentLaunch,
  AgentParser,
  AgentProbe,
  AgentRequest,
} from "../agent.js";
import { assertAllowedEnvironment } from "../launch/agent-environment.js";
import type { AgentHost } from "../launch/agent-settings.js";
import { commandLaunch } from "./command-launch.js";
import { CommandParser } from "./command-parser.js";
import type { CommandSettings } from "./command-settings.js";

/** Any program that keeps to `docs/agent-protocol.md`. */
export class CommandAdapter implements AgentAdapter {
  readonly leftovers: readonly RegExp[] = [];
  readonly speaksInLines = true;

  constructor(
    private readonly settings: CommandSettings,
    private readonly host: AgentHost,
    readonly name: string = "command",
    private readonly title: string = "Own command",
  ) {
    assertAllowedEnvironment(name, settings.env);
  }

  probe(): AgentProbe {
    return {
      agent: this.name,
      title: this.title,
      executable: this.settings.argv[0],
      versionArgv: null,
      missingSettings: [],
      mend: "Set AGENT_COMMAND to a path or to a JSON array of program and arguments; no shell reads it.",
    };
  }

  prepare(request: AgentRequest): AgentLaunch {
    return commandLaunch(this.settings, this.host, request);
  }

  createParser(): AgentParser {
    return new CommandParser();
  }
}
