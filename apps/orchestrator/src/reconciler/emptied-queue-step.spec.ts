import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { createLogger } from "@pullwright/platform";
import {
  hasRedisServer,
  startRedisServer,
  until,
  type OwnRedis,
} from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
  type OrchestrationOptions,
} from "../__fixtures__/orchestration.js";
import { emptiedQueueStep } from "./emptied-queue-step.js";

let sut: Orchestration;
let redis: OwnRedis | undefined;
let lines: string[];
beforeEach(() => {
  lines = [];
});
afterEach(() => sut.close());
afterEach(async () => {
  await redis?.close();
  redis = undefined;
});

const query = async (text: string) =>
  (await sut.runtime.database.pool.query<Record<string, unknown>>(text)).rows;

/** A run whose first phase waits for a runner, with every ring of it made just now. No webhook of our own writes comes later. */
async function rungRun(options: OrchestrationOptions = {}): Promise<void> {
  sut = await orchestration({ webhooks: false, ...options });
  const issue = sut.issue();
  sut.github.addLabel(repo, issue, "adw", "ada");
  const label = { name: "adw" };
  await sut.deliver("issues", sut.about(issue, "labeled", { label }), "poll");
  await sut.quiet();
}

/** The step over a queue that tells so when it is asked whether it lost everything. */
const step = (wasEmptied: boolean) =>
  emptiedQueueStep({
    queues: { wasEmptied: () => Promise.resolve(wasEmptied) },
    reconciliation: sut.runtime.stores.reconciliation,
    everyMs: 1_000,
    logger: createLogger({
      service: "spec",
      destination: { write: (line: string) => lines.push(line) },
    }),
  });

const signal = new AbortController().signal;

test("a queue that lost nothing changes nothing", async () => {
  await rungRun();
  await step(false).run(signal);
  expect(
    await query("SELECT 1 FROM phase_runs WHERE rung_at IS NOT NULL"),
  ).toHaveLength(1);
  expect(lines).toEqual([]);
});

test("of an emptied queue every open ring is forgotten, and none of what is done", async () => {
  await rungRun();
  await sut.orchestrators[0]?.stop(1_000);
  await query("UPDATE phase_runs SET rung_at = now()");
  await query("UPDATE deliveries SET rung_at = now()");
  await query(
    "UPDATE effects SET rung_at = now(), status = CASE WHEN kind = 'labels' THEN 'intent' ELSE 'done' END",
  );
  const open = await sut.deliver("issues", sut.about(1, "pinned"));
  await step(true).run(signal);

  expect(
    await query("SELECT DISTINCT status FROM phase_runs WHERE rung_at IS NULL"),
  ).toEqual([{ status: "queued" }]);
  expect(
    await query("SELECT id FROM deliveries WHERE rung_at IS NULL"),
  ).toEqual([{ id: open }]);
  expect(await query("SELECT kind FROM effects WHERE rung_at IS NULL")).toEqual(
    [{ kind: "labels" }],
  );
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { rings: 3, msg: expect.stringContaining("emptied") },
  ]);
});

if (hasRedisServer())
  test("after Redis has lost everything a phase is rung for again at once", async () => {
    redis = await startRedisServer();
    await rungRun({ environment: { REDIS_URL: redis.url } });
    const phases = sut.runtime.queues
      .bullBoardQueues()
      .find(({ name }) => name === "phases");
    const waiting = async () =>
      (await phases?.getWaitingCount().catch(() => 0)) ?? 0;
    await until(async () => (await waiting()) === 1, "the phase was rung for");
    await query("UPDATE phase_runs SET rung_at = now()"); // Overdue in half a minute.
    await redis.restart({ empty: true });
    await until(
      async () => (await waiting()) === 1,
      "it is rung for again, long before the ring is overdue",
      10_000,
    );
  });
