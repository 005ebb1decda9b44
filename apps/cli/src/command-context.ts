import type { CliConfig, Environment } from "@pullwright/platform";
import type { ApiClient } from "./client/api-client.js";
import type { ExitCode } from "./exit-code.js";
import { jsonText } from "./terminal/json-text.js";
import type { Terminal } from "./terminal/terminal.js";

/** What every command gets. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly config: CliConfig;
  readonly client: ApiClient;
  /** For the doctor, which reads the same configuration as the services. */
  readonly environment: Environment | undefined;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** Aborts when nothing more can be printed; who only prints may end then. */
  readonly lost: AbortSignal;
  readonly json: boolean;
}

/** Does its work and says how the program ends. */
export type Command = (context: CommandContext) => Promise<ExitCode>;

/** Told which command the command line names. */
export type Choose = (command: Command, isJson: boolean) => void;

/** Writes a result for machines. */
export function writeJson({ terminal }: CommandContext, value: unknown): void {
  terminal.out(`${jsonText(value, 2)}\n`);
}
