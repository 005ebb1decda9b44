import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "./__fixtures__/stores-on-a-clone.js";

let sut: StoresUnderTest;
beforeEach(async () => {
  sut = await storesOnAClone();
});
afterEach(() => sut.close());

test("a connection that breaks between two statements of a transaction ends the transaction, not the process", async () => {
  const { database } = sut;
  const broken = database.transaction(async (client) => {
    const { rows } = await client.query<{ pid: number }>(
      "SELECT pg_backend_pid() AS pid",
    );
    // Not `once` of node:events, which would listen for errors too.
    const ended = new Promise((resolve) => client.once("end", resolve));
    await database.pool.query("SELECT pg_terminate_backend($1)", [
      rows[0]?.pid,
    ]);
    await ended; // Nobody waits for an answer at this moment.
    await client.query("SELECT 1");
  });
  await expect(broken).rejects.toMatchObject({ code: "database_unavailable" });

  const { rows } = await database.pool.query("SELECT 1 AS here");
  expect(rows).toEqual([{ here: 1 }]);
});
