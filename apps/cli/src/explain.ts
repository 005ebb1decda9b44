import type { CliConfig } from "@pullwright/platform";
import {
  AccessUnusable,
  ApiRefusal,
  ApiUnreachable,
} from "./client/api-error.js";
import { exitCodes, type ExitCode } from "./exit-code.js";
import { line, lines, type Terminal } from "./terminal/terminal.js";

/** Says what went wrong and how to mend it; anything unforeseen is thrown on. */
export function explain(
  error: unknown,
  terminal: Terminal,
  config: CliConfig,
): ExitCode {
  if (error instanceof ApiUnreachable) {
    terminal.err(
      `${line(error.message)}\nIs it running (npm start)? Another address goes into PULLWRIGHT_URL.\n`,
    );
    return exitCodes.unreachable;
  }
  if (error instanceof AccessUnusable) {
    terminal.err(`${line(error.message)}\n`);
    return exitCodes.usage;
  }
  if (!(error instanceof ApiRefusal)) throw error;
  terminal.err(`${lines(error.message)}\n`);
  const { status, problem } = error;
  if (problem === null) return exitCodes.refused;
  if (status === 401) {
    const where = config.apiKey
      ? "The key that was sent is not valid."
      : `No key was sent: set PULLWRIGHT_API_KEY, or run where ${config.apiKeyFile} is.`;
    terminal.err(`${where}\n`);
  }
  if (problem.adw_id)
    terminal.err(`See it with: pullwright show ${line(problem.adw_id)}\n`);
  return status === 400 ? exitCodes.usage : exitCodes.refused;
}
