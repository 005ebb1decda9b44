import type { LogLine } from "../installation/pullwright-client.js";
import { oneLine } from "./plain-text.js";

/** A line of the run's log that is worth showing. */
export interface ShownLine {
  readonly phase: string;
  readonly text: string;
}

/** Picks some of a run's log lines: what an agent says and does, not everything that it prints. */
export class LogSample {
  readonly #shown = new Map<string, number>();

  constructor(private readonly linesAPhase = Infinity) {}

  take(entry: LogLine): ShownLine | undefined {
    const phase = entry.phase ?? "run";
    const text = oneLine(entry.message);
    if (entry.level === "DEBUG" || text.trim() === "") return undefined;
    const shown = (this.#shown.get(phase) ?? 0) + 1;
    this.#shown.set(phase, shown);
    if (shown > this.linesAPhase) return undefined;
    return shown === this.linesAPhase
      ? { phase, text: "… more in the log" }
      : { phase, text };
  }
}
