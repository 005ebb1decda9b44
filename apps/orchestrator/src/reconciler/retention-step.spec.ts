import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  type Orchestration,
} from "../__fixtures__/orchestration.js";

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration({
    started: false,
    environment: { RETENTION_DELIVERY_DAYS: "7" },
  });
});
afterAll(() => sut.close());

test("the reconciler empties old deliveries as the configuration says, counts it and notes it", async () => {
  const { database, metrics, stores } = sut.runtime;
  const { id } = await stores.deliveries.record({
    source: "webhook",
    guid: "of-last-week",
    event: "ping",
    action: null,
    repositoryId: null,
    repositoryFullName: null,
    payload: "{}",
  });
  await stores.deliveries.settle(id, { verdict: "ignored", reason: "a ping" });
  await database.pool.query(
    "UPDATE deliveries SET received_at = now() - interval '8 days'",
  );
  sut.orchestrators[0]?.start();
  await until(async () => {
    const noted = await stores.audit.page(
      { action: "retention.removed" },
      null,
      10,
    );
    return noted.length === 1;
  }, "it is noted");
  const { rows } = await database.pool.query<{ payload: string }>(
    "SELECT payload FROM deliveries WHERE id = $1",
    [id],
  );
  expect(rows).toEqual([{ payload: "" }]);
  await until(
    async () =>
      /retention_removed_total\{[^}]*kind="payloads"[^}]*\} 1/.test(
        (await metrics.render()).body,
      ),
    "it is counted",
  );
});
