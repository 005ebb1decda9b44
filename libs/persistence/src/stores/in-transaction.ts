import type { PoolClient, QueryResultRow } from "pg";
import type { Executor, Statement } from "../database.js";
import { storable } from "../storable.js";

/** Runs statements in the transaction of a connection. */
export function inTransaction(client: PoolClient): Executor {
  return {
    query: async <Row extends QueryResultRow>(
      statement: Statement,
      values: readonly unknown[],
    ): Promise<Row[]> => {
      const answer = await client.query<Row>({
        ...statement,
        values: storable(values),
      });
      return answer.rows;
    },
  };
}
