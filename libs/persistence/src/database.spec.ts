import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createConnection, createServer, type AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@pullwright/testing";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "./__fixtures__/stores-on-a-clone.js";
import { openDatabase } from "./database.js";

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

test("of connections without work two stay, so that a heartbeat finds one", async () => {
  const { pool } = sut.database;
  pool.options.idleTimeoutMillis = 300; // Read each time that one comes to rest.
  await Promise.all(
    Array.from({ length: 5 }, () => pool.query("SELECT pg_sleep(0.1)")),
  );
  expect(pool.totalCount).toBe(5);
  const left: number[] = [];
  pool.on("remove", () => left.push(pool.totalCount));
  await until(() => left.length === 3, "the others are closed");
  await sleep(500); // All came to rest in the same moment.
  expect(pool.totalCount).toBe(2);
});

/** What Postgres sends to a connection that an administrator ends: an ErrorResponse. */
function farewell(): Buffer {
  const fields = Buffer.from(
    "SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0",
  );
  const head = Buffer.from("E\0\0\0\0");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** ReadyForQuery, outside of a transaction. */
const READY = Buffer.from("Z\0\0\0\u0005I", "latin1");

/** A way to Postgres on which, once told, each new connection is ended in the very packet that calls it ready. */
async function spitefulWay(target: string) {
  const url = new URL(target);
  const { hostname, port } = url;
  let isSpiteful = false;
  const server = createServer((near) => {
    const far = createConnection(Number(port || 5432), hostname);
    const isEnded = isSpiteful;
    const part = () => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far])
      socket.on("close", part).on("error", part);
    near.on("data", (chunk) => far.write(chunk));
    far.on("data", (chunk) => {
      const isReady = chunk.subarray(-READY.length).equals(READY);
      near.write(
        isEnded && isReady ? Buffer.concat([chunk, farewell()]) : chunk,
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: url.href,
    beSpiteful: () => {
      isSpiteful = true;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

test("a connection that breaks as it is handed over ends its transaction, not the process", async () => {
  const way = await spitefulWay(sut.url);
  const database = await openDatabase({ url: way.url });
  try {
    // Its connection is taken: the next one needs another.
    await database.transaction(async () => {
      way.beSpiteful();
      const another = database.transaction((late) => late.query("SELECT 1"));
      await expect(another).rejects.toMatchObject({
        code: "database_unavailable",
      });
    });
  } finally {
    await database.close();
    await way.close();
  }
});
