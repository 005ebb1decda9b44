import { DatabaseUnavailable } from "../database-error.js";
import type { Database } from "../database.js";
import { BatchWriter } from "./batch-writer.js";
import type { Executor } from "./budget-use.js";
import { composeSave, toSaved, type SavedRow } from "./save-run.js";
import { inColumns, type Composed } from "./statement-builder.js";
import type { Save, Saved } from "./transition-save.js";

/** Statements of more runs gain little more. */
const MAX_RUNS = 8;
/** The others wait for one of these, and are written together then. */
const MAX_IN_FLIGHT = 3;

interface Waiting {
  readonly save: Save;
  readonly composed: Composed;
}

/**
 * Writes transitions, each whole or not at all. While several are on their way, those that wait go together in one commit
 * if they change the same columns: most of what a statement costs Postgres is setting it up.
 */
export class TransitionWriter {
  readonly #together: BatchWriter<Waiting, Saved | null>;
  /** By the name of the same for one run. */
  readonly #forSeveral = new Map<string, Composed["statement"]>();

  constructor(private readonly database: Database) {
    this.#together = new BatchWriter((waiting) => this.#writeAll(waiting), {
      maxInFlight: MAX_IN_FLIGHT,
      maxItems: MAX_RUNS,
      maxSize: 1024 * 1024,
      sizeOf: sizeInBytes,
      fits: goTogether,
      isItemsFault: (error) => !(error instanceof DatabaseUnavailable),
    });
  }

  /** Null when somebody else moved the run first. */
  save(save: Save): Promise<Saved | null> {
    return this.#together.add({ save, composed: composeSave(save, "row") });
  }

  async #writeAll(waiting: readonly Waiting[]): Promise<(Saved | null)[]> {
    const [first] = waiting;
    if (first === undefined) return [];
    if (waiting.length === 1)
      return [await writeOne(this.database, first.composed)];
    const rows = await this.database.query<SavedRow>(
      this.#statementFor(first),
      inColumns(waiting.map(({ composed }) => composed)),
    );
    const byRun = new Map(rows.map((row) => [row.asked, row]));
    return waiting.map(({ save }) => toSaved(byRun.get(save.before.id)));
  }

  #statementFor({ save, composed }: Waiting): Composed["statement"] {
    const { name } = composed.statement;
    const known = this.#forSeveral.get(name);
    if (known !== undefined) return known;
    const { statement } = composeSave(save, "rows");
    this.#forSeveral.set(name, statement);
    return statement;
  }
}

/** Writes one transition with whatever runs statements, such as a transaction that has read its budgets. */
export const saveTransition = (
  executor: Executor,
  save: Save,
): Promise<Saved | null> => writeOne(executor, composeSave(save, "row"));

async function writeOne(
  executor: Executor,
  { statement, values }: Composed,
): Promise<Saved | null> {
  const [row] = await executor.query<SavedRow>(statement, values);
  return toSaved(row);
}

/** The same shape, whose values all have types, and each run once: a second one has read a version that is no more. */
function goTogether(batch: readonly Waiting[], next: Waiting): boolean {
  const [first] = batch;
  return (
    first?.composed.statement.name === next.composed.statement.name &&
    !next.composed.types.includes(undefined) &&
    batch.every(({ save }) => save.before.id !== next.save.before.id)
  );
}

const sizeInBytes = ({ composed }: Waiting): number =>
  composed.values.reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 8),
    0,
  );
