import type { LogEntryShape } from "@pullwright/contracts";
import { oneLine } from "./plain-text.js";

/** A line of the run's log that is worth showing. */
export interface LogLine {
  readonly phase: string;
  readonly text: string;
}

const LINES_A_PHASE = 10;

/** Picks some of a run's log lines: what an agent says and does, not everything that it prints. */
export class LogSample {
  readonly #shown = new Map<string, number>();

  take(entry: LogEntryShape): LogLine | undefined {
    const phase = entry.phase ?? "run";
    const text = oneLine(entry.message);
    if (entry.level === "DEBUG" || text.trim() === "") return undefined;
    const shown = (this.#shown.get(phase) ?? 0) + 1;
    this.#shown.set(phase, shown);
    if (shown > LINES_A_PHASE) return undefined;
    return shown === LINES_A_PHASE
      ? { phase, text: "… more in the log" }
      : { phase, text };
  }
}
