import { AppError } from "@pullwright/platform";

/** What all agents share: facts about this machine and this installation. */
export interface AgentHost {
  /** `PATH` of the agents. */
  readonly searchPath: string;
  /** Whether agents run in Pullwright's own sandbox; the CLIs' sandboxes do not nest in it. */
  readonly sandboxed: boolean;
  /** Whether the agent's process will see itself as root. */
  readonly runsAsRoot: boolean;
  /** Further variables for every agent, such as `HTTPS_PROXY` or `NODE_EXTRA_CA_CERTS`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A CLI on this machine. */
export interface AgentBinary {
  /** A path, or a name to be found on the search path. */
  readonly path: string;
  /** What it must be able to read besides its own program, which the sandbox finds by itself. */
  readonly readOnlyPaths?: readonly string[];
  /** Further variables for this agent alone. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A setting of an agent that we refuse to work with. */
export class AgentSettingsError extends AppError {
  constructor(message: string) {
    super("agent_settings_invalid", message, { expose: true });
  }
}
