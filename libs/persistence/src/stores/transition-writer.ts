import { DatabaseUnavailable } from "../database-error.js";
import type { Database } from "../database.js";
import { BatchWriter } from "./batch-writer.js";
import {
  goTogether,
  SeveralAtOnce,
  sizeInBytes,
  toWaiting,
  type Waiting,
} from "./save-several.js";
import type { Save, Saved } from "./transition-save.js";

/** Statements of more runs gain little more. */
const MAX_RUNS = 8;
/** The others wait for one of these, and are written together then. */
const MAX_IN_FLIGHT = 3;

/**
 * Writes transitions, each whole or not at all. While several are on their way, those that wait go together in one commit
 * if they change the same columns: most of what a statement costs Postgres is setting it up.
 */
export class TransitionWriter {
  readonly #together: BatchWriter<Waiting, Saved | null>;

  constructor(database: Database) {
    const several = new SeveralAtOnce();
    this.#together = new BatchWriter(
      (waiting) => several.save(database, waiting),
      {
        maxInFlight: MAX_IN_FLIGHT,
        maxItems: MAX_RUNS,
        maxSize: 1024 * 1024,
        sizeOf: sizeInBytes,
        fits: goTogether,
        isItemsFault: (error) => !(error instanceof DatabaseUnavailable),
      },
    );
  }

  /** Null when somebody else moved the run first. */
  save(save: Save): Promise<Saved | null> {
    return this.#together.add(toWaiting(save));
  }
}
