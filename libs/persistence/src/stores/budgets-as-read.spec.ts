import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  runner,
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import { openDatabase, type Database } from "../database.js";
import type { Claimer } from "./attempts.js";
import type { BudgetKey } from "./budgets.js";
import type { LoadedRun } from "./run-record.js";
import type { Applied } from "./run-transitions.js";
import { createStores, type Stores } from "./stores.js";

const claimer: Claimer = {
  ...runner,
  workersOf: () => [{ agent: "claude", model: "best", credential: null }],
};
const everyDay: BudgetKey = { scope: "day", key: "*", repositoryId: null };
const ofBugs: BudgetKey = { scope: "label", key: "bug", repositoryId: null };

let sut: StoresUnderTest;
const others: Database[] = [];
beforeEach(async () => {
  sut = await storesOnAClone();
});
afterEach(async () => {
  await Promise.all(others.splice(0).map((database) => database.close()));
  await sut.close();
});

const limit = (key: BudgetKey, usd: number) =>
  sut.stores.budgets.put(key, { usd, tokens: null }, "ada");

const claim = (stores: Stores, run: LoadedRun, more: Partial<Claimer> = {}) =>
  stores.attempts.claim({
    phaseRunId: run.phaseRows[0]?.id ?? "",
    ...claimer,
    ...more,
  });

async function anotherProcess(): Promise<Stores> {
  const database = await openDatabase({ url: sut.url });
  others.push(database);
  return createStores(database);
}

const claimWaits = () =>
  until(async () => {
    const { rowCount } = await sut.database.pool.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
    );
    return rowCount === 1;
  }, "the claim waits for the budget");

async function reservedUsd(): Promise<number> {
  const { rows } = await sut.database.pool.query<{ usd: number }>(
    "SELECT coalesce(sum(reserved_usd), 0)::float AS usd FROM ledger",
  );
  return rows[0]?.usd ?? Number.NaN;
}

async function versions(): Promise<string[]> {
  const { rows } = await sut.database.pool.query<{ version: string }>(
    "SELECT version FROM budgets ORDER BY id",
  );
  return rows.map(({ version }) => version);
}

it("a claim that was overtaken after it had read its budgets finds what is left of them", async () => {
  await limit(everyDay, 2);
  const run = await sut.createRun();
  const parked: Applied[] = [];
  const faster = await sut.database.pool.connect();
  await faster.query("BEGIN");
  await faster.query("UPDATE budgets SET version = version + 1");
  const claiming = claim(sut.stores, run, {
    onUnaffordable: (answer) => void parked.push(answer),
  });
  await claimWaits();
  await faster.query(
    `INSERT INTO ledger (attempt_id, day, workflow_run_id, adw_id, execution, phase, repository_id, work_item_id, labels, reserved_usd)
     SELECT gen_random_uuid(), (now() AT TIME ZONE 'utc')::date, gen_random_uuid(), 'faster', 1, 'plan', repository_id, work_item_id, '{}', 1.5
       FROM workflow_runs`,
  );
  await faster.query("COMMIT");
  faster.release();
  expect(await claiming).toBeNull();
  expect(parked).toHaveLength(1);
  expect(await reservedUsd()).toBe(1.5);
});

it("a budget that is removed while its sum is kept ends no claim", async () => {
  await limit(everyDay, 1_000);
  const run = await sut.createRun();
  await sut.database.pool.query(
    `INSERT INTO ledger (attempt_id, day, workflow_run_id, adw_id, execution, phase, repository_id, work_item_id, labels, agent, cost_usd, tokens, settled_at, settled_tx)
     SELECT gen_random_uuid(), (now() AT TIME ZONE 'utc')::date, gen_random_uuid(), 'earlier', 1, 'build', gen_random_uuid(), gen_random_uuid(), '{}', 'claude', 0.01, 10, now(), 0
       FROM generate_series(1, 300)`,
  );
  const remover = await sut.database.pool.connect();
  await remover.query("BEGIN");
  await remover.query("DELETE FROM budgets");
  const claiming = claim(sut.stores, run);
  await claimWaits();
  await remover.query("COMMIT");
  remover.release();
  expect(await claiming).toMatchObject({ reservation: null });
});

it("processes that claim at once never reserve more than there is, and none of them waits for ever", async () => {
  await limit(everyDay, 7);
  await limit(ofBugs, 9);
  const processes = await Promise.all(
    Array.from({ length: 4 }, () => anotherProcess()),
  );
  const claims = await Promise.all(
    processes.map(async (stores) => {
      const granted = [];
      for (let one = 0; one < 5; one += 1)
        granted.push(await claim(stores, await sut.createRun()));
      return granted;
    }),
  );
  expect(claims.flat().filter((one) => one !== null)).toHaveLength(7);
  expect(await reservedUsd()).toBe(7);
});

it("every reservation and every growth of one makes another version of the budgets that it is taken from", async () => {
  await limit(everyDay, 20);
  await limit({ ...ofBugs, key: "chore" }, 20);
  const run = await sut.createRun();
  const claimed = await claim(sut.stores, run);
  if (claimed === null) throw new Error("not claimed");
  expect(await versions()).toEqual(["1", "0"]);
  await sut.stores.reservations.spend(
    claimed.attempt,
    { run, execution: 1, phase: "plan", agent: "claude" },
    { usd: 3, tokens: 10 },
  );
  expect(await versions()).toEqual(["2", "0"]);
});
