import type { Pool, PoolClient, QueryResultRow } from "pg";
import type { DataSource } from "typeorm";
import { createDataSource, type DatabaseOptions } from "./data-source.js";
import { atTheDoor, isStalePlan } from "./database-error.js";
import { storable } from "./storable.js";

/** A statement that Postgres parses and plans once per connection. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** The one connection pool of a process; TypeORM and the stores share it. */
export class Database {
  readonly pool: Pool;
  /** Part of the names under which Postgres keeps our statements. */
  #generation = 0;

  constructor(
    readonly source: DataSource,
    private readonly onAnswer: DatabaseOptions["onAnswer"],
  ) {
    // TypeORM types its driver's pool as any; for Postgres it is a pg.Pool.
    this.pool = (source.driver as unknown as { master: Pool }).master;
  }

  async query<Row extends QueryResultRow>(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<Row[]> {
    const generation = this.#generation;
    const { name, text } = statement;
    const startedAt = performance.now();
    try {
      const answer = await this.pool.query<Row>({
        name: generation === 0 ? name : `${name}_${generation}`,
        text,
        values: storable(values),
      });
      return answer.rows;
    } catch (error) {
      if (!isStalePlan(error)) throw atTheDoor(error);
      // A migration has added columns under us. Nothing was done yet: once more, under names that are planned anew.
      if (generation === this.#generation) this.#generation += 1;
      return await this.query(statement, values);
    } finally {
      this.onAnswer?.((performance.now() - startedAt) / 1_000);
    }
  }

  /** Runs `work` in one transaction; whatever it throws rolls it back. */
  async transaction<Result>(
    work: (client: PoolClient) => Promise<Result>,
  ): Promise<Result> {
    let client: PoolClient;
    try {
      client = await this.pool.connect();
    } catch (error) {
      throw atTheDoor(error);
    }
    let broken = false;
    const onError = () => {
      broken = true;
    };
    // The pool listens only to idle connections; one that breaks between two statements would end the process.
    client.on("error", onError);
    try {
      await client.query("BEGIN");
      const result = await work(client);
      await client.query("COMMIT");
      return result;
    } catch (error) {
      // A connection that cannot even roll back is not given back to the pool.
      await client.query("ROLLBACK").catch(() => {
        broken = true;
      });
      throw atTheDoor(error);
    } finally {
      client.off("error", onError);
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    if (this.source.isInitialized) await this.source.destroy();
  }
}

/** Whatever runs a statement: the pool, or one transaction. */
export type Executor = Pick<Database, "query">;

/** Connects, and fails when Postgres does not answer in time. */
export async function openDatabase(
  options: DatabaseOptions,
): Promise<Database> {
  const source = createDataSource(options);
  try {
    await source.initialize();
  } catch (error) {
    throw atTheDoor(error);
  }
  return new Database(source, options.onAnswer);
}
