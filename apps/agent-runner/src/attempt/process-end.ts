import type { LogLevel } from "@pullwright/persistence";
import { AppError } from "@pullwright/platform";
import type { ProcessResult, TreeReport } from "@pullwright/sandbox";

/** Processes that outlived every SIGKILL: the attempt's work is not over, and nobody may say that it is. */
export class ProcessesLeft extends AppError {
  constructor(pids: readonly number[]) {
    super(
      "processes_left",
      `These processes could not be killed and may still run: ${pids.join(", ")}. Look after them on the runner's machine; nothing that they write counts.`,
    );
  }
}

/** The line of the run's log that proves that nothing is left of a command, or says what is. */
export function describeEnd(
  what: "agent" | "command",
  { endedBy, exitCode, signal, durationMs, tree }: ProcessResult,
): { readonly level: LogLevel; readonly message: string } {
  const { seen, ended, survivors } = tree;
  const left =
    survivors.length === 0
      ? "0 left"
      : `${survivors.length} left: ${survivors.join(", ")}`;
  return {
    level: survivors.length === 0 ? "INFO" : "ERROR",
    message:
      `${what} process ended (${endedBy}, exit code ${exitCode ?? signal ?? "none"}) after ${Math.round(durationMs)} ms; ` +
      `${seen} processes seen, ${ended} ended, ${left}`,
  };
}

/** @throws ProcessesLeft */
export function insistOnEnd({ survivors }: TreeReport): void {
  if (survivors.length > 0) throw new ProcessesLeft(survivors);
}
