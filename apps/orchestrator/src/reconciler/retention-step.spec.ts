import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  type Orchestration,
} from "../__fixtures__/orchestration.js";
import { retentionStep } from "./retention-step.js";

let sut: Orchestration;
beforeEach(async () => {
  sut = await orchestration({
    started: false,
    environment: { RETENTION_DELIVERY_DAYS: "7" },
  });
});
afterEach(() => sut.close());

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

test("a kind that cannot be removed fails the step, and what was removed of the others counts all the same", async () => {
  const { database, metrics, stores } = sut.runtime;
  const { id } = await stores.deliveries.record({
    source: "webhook",
    guid: "that-stays",
    event: "ping",
    action: null,
    repositoryId: null,
    repositoryFullName: null,
    payload: "{}",
  });
  await stores.deliveries.settle(id, { verdict: "ignored", reason: "a ping" });
  await stores.effects.reply({
    repositoryId: sut.repository.id,
    issueNumber: 7,
    key: "given",
    body: "This issue has no run yet.",
  });
  await database.pool.query(
    "UPDATE effects SET status = 'done', applied_rev = desired_rev, updated_at = now() - interval '8 days'",
  );
  await database.pool.query(
    "UPDATE deliveries SET received_at = now() - interval '8 days'",
  );
  await database.pool.query(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk trouble'; END $$;
     CREATE TRIGGER refuse BEFORE UPDATE ON deliveries EXECUTE FUNCTION refuse()`,
  );
  const step = retentionStep({
    retention: stores.retention,
    policy: {
      logDays: 0,
      transcriptDays: 0,
      deliveryDays: 7,
      runDays: 0,
      auditDays: 0,
    },
    owner: "orchestrator-1",
    stretchMs: 60_000,
    metrics,
  });
  await expect(step.run(new AbortController().signal)).rejects.toThrow(
    "payloads: disk trouble",
  );
  expect((await metrics.render()).body).toMatch(
    /retention_removed_total\{[^}]*kind="replies"[^}]*\} 1/,
  );
});
