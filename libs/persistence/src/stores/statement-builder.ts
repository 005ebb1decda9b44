import { hash } from "node:crypto";
import type { Statement } from "../database.js";
import { textArray } from "./text-array.js";

/** What a statement writes: one row, given as its parameters, or several of the same shape, given as arrays. */
export type Form = "row" | "rows";

export interface Composed {
  readonly statement: Statement;
  readonly values: readonly unknown[];
  /** Postgres's name of each value's type; undefined where only the place in the statement tells it. */
  readonly types: readonly (string | undefined)[];
}

/**
 * Composes one statement of several parts (`WITH a AS (…), b AS (…) SELECT …`). Every shape has a name of its own, so that
 * Postgres prepares each once a connection.
 *
 * As `rows`, the parts find their values in `given`, a row for each of those that are written: they must have the type of
 * every value, and the first value is the row's key, `given.c1`.
 */
export class StatementBuilder {
  readonly #values: unknown[] = [];
  readonly #types: (string | undefined)[] = [];
  readonly #parts: string[] = [];
  readonly #columns: string[] = [];

  constructor(
    private readonly name: string,
    readonly form: Form = "row",
  ) {}

  /** Stands for the value in the text of a part. */
  value(value: unknown, type?: string): string {
    const place = this.#values.push(value).toString();
    this.#types.push(type);
    const cast = type === undefined ? "" : `::${type}`;
    if (this.form === "row") return `$${place}${cast}`;
    return isList(type) ? `given.c${place}${cast}` : `given.c${place}`;
  }

  /** For `FROM`: a part's rows, each with its values; `key` is the column that has the row's key. */
  rowsOf(part: string, key: string): string {
    return this.form === "row"
      ? part
      : `${part} JOIN given ON given.c1 = ${part}.${key}`;
  }

  /** What a part has for the row that is answered. */
  of(part: string, key: string, expression: string): string {
    const where = this.form === "row" ? "" : ` WHERE ${part}.${key} = given.c1`;
    return `(SELECT ${expression} FROM ${part}${where})`;
  }

  /** `MATERIALIZED`: worked out once, whatever the planner makes of tables that it has no figures of. */
  part(name: string, text: string, how: "" | "MATERIALIZED " = ""): void {
    this.#parts.push(`${name} AS ${how}(${text})`);
  }

  /** A column of the row that the statement answers for each that it writes. */
  column(text: string): void {
    this.#columns.push(text);
  }

  /** `column = $n` for each column that differs from what it was. */
  changes(
    was: Readonly<Record<string, unknown>>,
    is: Readonly<Record<string, unknown>>,
    types: Readonly<Record<string, string>>,
  ): string[] {
    return Object.entries(types).flatMap(([column, type]) =>
      isSame(was[column], is[column])
        ? []
        : [`${column} = ${this.value(is[column], type)}`],
    );
  }

  build(): Composed {
    const isOne = this.form === "row";
    const parts = isOne ? this.#parts : [this.#given(), ...this.#parts];
    const text = `WITH ${parts.join(",\n")}\nSELECT ${this.#columns.join(",\n")}${isOne ? "" : " FROM given"}`;
    // Postgres knows a name's first 63 characters.
    const name = `${this.name}_${hash("sha256", text, "hex").slice(0, 32)}`;
    return {
      statement: { name, text },
      values: this.#values,
      types: this.#types,
    };
  }

  /**
   * The planner takes it for one row, by a condition that always holds: so it goes by indexes, as it does for one. A plan for
   * several, made while the tables were small, would read all of them also when they no longer are.
   */
  #given(): string {
    const arrays = this.#types.map(
      (type, index) => `$${(index + 1).toString()}::${columnType(type)}[]`,
    );
    const one = `$${(arrays.length + 1).toString()}::int[]`;
    const names = arrays.map((_, index) => `c${(index + 1).toString()}`);
    return `given AS MATERIALIZED (SELECT * FROM unnest(${[...arrays, one].join(", ")}) AS r(${[...names, "one"].join(", ")}) WHERE one = 1)`;
  }
}

/** The values of several rows of one shape as {@link StatementBuilder} wants them in the form `rows`. */
export function inColumns(rows: readonly Composed[]): unknown[] {
  const types = rows[0]?.types ?? [];
  const columns = types.map((type, index) =>
    rows.map(({ values }) => {
      const value = values[index];
      return isList(type) && Array.isArray(value) ? textArray(value) : value;
    }),
  );
  return [...columns, rows.map(() => 1)];
}

const isList = (type: string | undefined): boolean =>
  type?.endsWith("[]") === true;

/** Postgres takes lists of different lengths only as text. */
const columnType = (type: string | undefined): string =>
  type === undefined || isList(type) ? "text" : type;

function isSame(one: unknown, other: unknown): boolean {
  return one instanceof Date && other instanceof Date
    ? one.getTime() === other.getTime()
    : one === other;
}
