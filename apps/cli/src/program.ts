import { loadCliConfig, type Environment } from "@pullwright/platform";
import { CommanderError } from "commander";
import { ApiClient } from "./client/api-client.js";
import type { Command } from "./command-context.js";
import { describeProgram } from "./describe-program.js";
import { exitCodes, type ExitCode } from "./exit-code.js";
import { explain } from "./explain.js";
import type { Terminal } from "./terminal/terminal.js";

/** What the program has around it. */
export interface Surroundings {
  readonly terminal: Terminal;
  /** Unset: that of the process. */
  readonly environment?: Environment;
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal;
  /** Aborts when nothing more can be printed. Unset: never. */
  readonly lost?: AbortSignal;
  /** How long an API that is away is borne with. Unset: a minute. */
  readonly patienceMs?: number | undefined;
}

const never = new AbortController().signal;

/** Runs a command line and says how the program ends; throws only what nobody foresaw. */
export async function runProgram(
  argv: readonly string[],
  { terminal, environment, signal, lost = never, patienceMs }: Surroundings,
): Promise<ExitCode> {
  const chosen = choose(argv, terminal);
  if (typeof chosen === "number") return chosen;
  const config = loadCliConfig(environment);
  try {
    return await chosen.command({
      terminal,
      config,
      client: new ApiClient(config, signal, patienceMs),
      environment,
      signal,
      lost,
      json: chosen.isJson,
    });
  } catch (error) {
    if (signal.aborted) return exitCodes.interrupted;
    return explain(error, terminal, config);
  }
}

/** The command that the line names; an exit code where it names none, or asks for help. */
function choose(
  argv: readonly string[],
  terminal: Terminal,
): { readonly command: Command; readonly isJson: boolean } | ExitCode {
  const chosen: { command: Command; isJson: boolean }[] = [];
  const program = describeProgram((command, isJson) =>
    chosen.push({ command, isJson }),
  );
  const commands = program.commands.flatMap((one) => [one, ...one.commands]);
  for (const one of [program, ...commands])
    one.exitOverride().configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.err(text),
    });
  try {
    program.parse([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  }
  return chosen[0] ?? exitCodes.usage;
}
