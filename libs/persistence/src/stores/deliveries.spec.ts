import { afterAll, beforeAll, expect, it } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import { PayloadsAsTheyAre1795300800000 } from "../migrations/1795300800000-payloads-as-they-are.js";
import type { NewDelivery } from "./deliveries.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

const delivery = (guid: string, payload = "{}"): NewDelivery => ({
  source: "webhook",
  guid,
  event: "issues",
  action: "labeled",
  repositoryId: 42,
  repositoryFullName: "acme/shop",
  payload,
});

async function stored(prefix: string): Promise<string[]> {
  const { rows } = await sut.database.pool.query<{ guid: string }>(
    "SELECT guid FROM deliveries WHERE guid LIKE $1 ORDER BY guid",
    [`${prefix}%`],
  );
  return rows.map(({ guid }) => guid);
}

it("deliveries that come in at once are recorded once each, whatever comes twice among them", async () => {
  const guids = Array.from({ length: 100 }, (_, n) => `many-${n % 40}`);
  const answers = await Promise.all(
    guids.map((guid) => sut.stores.deliveries.record(delivery(guid))),
  );
  expect(await stored("many-")).toHaveLength(40);
  expect(answers.filter(({ kind }) => kind === "recorded")).toHaveLength(40);
  const ids = new Map(guids.map((guid, n) => [guid, answers[n]?.id]));
  answers.forEach(({ id }, n) => expect(id).toBe(ids.get(guids[n] ?? "")));
});

it("a delivery that Postgres refuses fails alone", async () => {
  const guids = ["one-1", "one-2", "one-3", "one-4", "one-5"];
  const answers = await Promise.allSettled(
    guids.map((guid) =>
      sut.stores.deliveries.record({
        ...delivery(guid),
        // More than its column holds.
        ...(guid === "one-4" ? { repositoryId: 2 ** 70 } : {}),
      }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
  expect(await stored("one-")).toEqual(["one-1", "one-2", "one-3", "one-5"]);
});

it("a payload never waits for pglz, also where Postgres has no lz4", async () => {
  const { pool } = sut.database;
  const payload = JSON.stringify({ text: "so it goes ".repeat(2_000) });
  const compressionOf = async (guid: string) => {
    await sut.stores.deliveries.record(delivery(guid, payload));
    const { rows } = await pool.query<{ how: string | null }>(
      "SELECT pg_column_compression(payload) AS how FROM deliveries WHERE guid = $1",
      [guid],
    );
    return rows[0]?.how;
  };
  expect(["lz4", null]).toContain(await compressionOf("large-1"));
  // As on a server without it.
  await pool.query(
    "ALTER TABLE deliveries ALTER COLUMN payload SET COMPRESSION default, ALTER COLUMN payload SET STORAGE EXTENDED",
  );
  expect(await compressionOf("large-2")).toBe("pglz");
  const runner = sut.database.source.createQueryRunner();
  await new PayloadsAsTheyAre1795300800000().up(runner);
  await runner.release();
  expect(await compressionOf("large-3")).toBeNull();
});
