import { hash } from "node:crypto";
import type { Statement } from "../database.js";

/**
 * Composes one statement of several parts (`WITH a AS (…), b AS (…) SELECT …`). Every shape has a name of its own, so that
 * Postgres prepares each once a connection.
 */
export class StatementBuilder {
  readonly #values: unknown[] = [];
  readonly #parts: string[] = [];
  readonly #columns: string[] = [];

  constructor(private readonly name: string) {}

  /** A placeholder for the value. */
  value(value: unknown): string {
    return `$${this.#values.push(value).toString()}`;
  }

  /** `MATERIALIZED`: worked out once, whatever the planner makes of tables that it has no figures of. */
  part(name: string, text: string, how: "" | "MATERIALIZED " = ""): void {
    this.#parts.push(`${name} AS ${how}(${text})`);
  }

  /** A column of the one row that the statement answers. */
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
        : [`${column} = ${this.value(is[column])}::${type}`],
    );
  }

  build(): { readonly statement: Statement; readonly values: unknown[] } {
    const text = `WITH ${this.#parts.join(",\n")}\nSELECT ${this.#columns.join(",\n")}`;
    // Postgres knows a name's first 63 characters.
    const name = `${this.name}_${hash("sha256", text, "hex").slice(0, 32)}`;
    return { statement: { name, text }, values: this.#values };
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return one instanceof Date && other instanceof Date
    ? one.getTime() === other.getTime()
    : one === other;
}
