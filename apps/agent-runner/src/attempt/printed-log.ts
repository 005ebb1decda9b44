import type { LogLevel } from "@pullwright/persistence";
import type { LogWriter } from "./log-writer.js";

/** Days of an agent that works fit; a flood of 256 MB, which takes it seconds to print, does not. */
const MAX_CHARACTERS = 16 * 1024 ** 2;

/**
 * What a line takes beside its text: 93 bytes of its row and 50 of the index (measured with 100,000 empty lines on Postgres 18),
 * rounded up for the write-ahead log. With one character a line, a command that prints only newlines wrote 16 million rows.
 */
const ROW_CHARACTERS = 200;

/** What one process prints, in the run's log up to a limit: a flood shall not fill the database. */
export class PrintedLog {
  #left: number;

  constructor(
    private readonly log: Pick<LogWriter, "add">,
    maxCharacters = MAX_CHARACTERS,
  ) {
    this.#left = maxCharacters;
  }

  add(level: LogLevel, message: string): Promise<void> | undefined {
    if (this.#left < 0) return undefined;
    this.#left -= message.length + ROW_CHARACTERS;
    return this.#left < 0
      ? this.log.add("WARNING", "too much was printed; the rest is not kept")
      : this.log.add(level, message);
  }
}
