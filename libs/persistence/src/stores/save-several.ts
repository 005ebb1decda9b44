import type { Executor } from "../database.js";
import { composeSave, toSaved, type SavedRow } from "./save-run.js";
import { inColumns, type Composed } from "./statement-builder.js";
import type { Save, Saved } from "./transition-save.js";

/** A transition that is to be written, with its statement. */
export interface Waiting {
  readonly save: Save;
  readonly composed: Composed;
}

export const toWaiting = (save: Save): Waiting => ({
  save,
  composed: composeSave(save, "row"),
});

/** The same shape, whose values all have types, and each run once: a second one has read a version that is no more. */
export function goTogether(batch: readonly Waiting[], next: Waiting): boolean {
  const [first] = batch;
  return (
    first?.composed.statement.name === next.composed.statement.name &&
    !next.composed.types.includes(undefined) &&
    batch.every(({ save }) => save.before.id !== next.save.before.id)
  );
}

export const sizeInBytes = ({ composed }: Waiting): number =>
  composed.values.reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 8),
    0,
  );

/** Statements that write several transitions of one shape, by the name of the same for one run. */
export class SeveralAtOnce {
  readonly #statements = new Map<string, Composed["statement"]>();

  /** Writes transitions that {@link goTogether} in one statement; null for each whose run somebody else moved first. */
  async save(
    executor: Executor,
    waiting: readonly Waiting[],
  ): Promise<(Saved | null)[]> {
    const [first] = waiting;
    if (first === undefined) return [];
    if (waiting.length === 1) {
      const { statement, values } = first.composed;
      const [row] = await executor.query<SavedRow>(statement, values);
      return [toSaved(row)];
    }
    const rows = await executor.query<SavedRow>(
      this.#statementFor(first),
      inColumns(waiting.map(({ composed }) => composed)),
    );
    const byRun = new Map(rows.map((row) => [row.asked, row]));
    return waiting.map(({ save }) => toSaved(byRun.get(save.before.id)));
  }

  #statementFor({ save, composed }: Waiting): Composed["statement"] {
    const { name } = composed.statement;
    const known = this.#statements.get(name);
    if (known !== undefined) return known;
    const { statement } = composeSave(save, "rows");
    this.#statements.set(name, statement);
    return statement;
  }
}
