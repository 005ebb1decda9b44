import type { ApiUnderTest } from "./running-api.js";

/** Lets nobody read a table until the returned function is called. */
export async function lockTable(
  own: ApiUnderTest,
  table: string,
): Promise<() => Promise<void>> {
  const client = await own.runtime.database.pool.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return async () => {
    await client.query("COMMIT");
    client.release();
  };
}

/** Whether a statement waits for a lock. */
export async function someoneWaits(own: ApiUnderTest): Promise<boolean> {
  const { rows } = await own.runtime.database.pool.query(
    "SELECT 1 FROM pg_locks l JOIN pg_database d ON d.oid = l.database WHERE NOT l.granted AND d.datname = current_database()",
  );
  return rows.length > 0;
}
