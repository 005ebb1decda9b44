import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "@jest/globals";
import type { BudgetScope, PhaseResult } from "@pullwright/domain";
import { until } from "@pullwright/testing";
import type { PoolClient } from "pg";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import { migrate } from "../migrate.js";
import type { Executor } from "../database.js";
import { readUses, type CostPlace } from "./budget-use.js";
import { inTransaction } from "./in-transaction.js";
import type { LoadedRun } from "./run-record.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterEach(() =>
  sut.database.pool.query(
    "DELETE FROM workflow_runs; DELETE FROM budgets; DELETE FROM budget_sums; DELETE FROM ledger",
  ),
);
afterAll(() => sut.close());

const LIMIT_USD = 1_000;
/** More than are added up by every claim. */
const MANY = 300;

/** So many attempts that ended today, a cent and ten tokens each, settled in one transaction. */
const settleMany = (
  by: Pick<PoolClient, "query"> = sut.database.pool,
  count = MANY,
) =>
  by.query(
    `INSERT INTO ledger (attempt_id, day, workflow_run_id, adw_id, execution, phase, repository_id, work_item_id, labels, agent, cost_usd, tokens, settled_at, settled_tx)
     SELECT gen_random_uuid(), (now() AT TIME ZONE 'utc')::date, gen_random_uuid(), 'earlier', 1, 'build', $1, gen_random_uuid(), '{bug}', 'claude', 0.01, 10, now(), pg_current_xact_id()::text::bigint
       FROM generate_series(1, $2)`,
    [sut.repository.id, count],
  );

/** Waits for all that has begun by now, in other databases of the server, too. */
async function allEnded(): Promise<void> {
  const { rows } = await sut.database.pool.query<{ now: string }>(
    "SELECT pg_current_xact_id()::text AS now",
  );
  await until(async () => {
    const { rowCount } = await sut.database.pool.query(
      "SELECT 1 WHERE pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8",
      [rows[0]?.now],
    );
    return rowCount === 1;
  }, "every transaction before has ended");
}

/** What is spent or reserved of the budget, as the claim of one more run finds it. */
async function goneAtNextClaim(): Promise<number> {
  const claimed = await sut.claim(await sut.createRun());
  return LIMIT_USD - (claimed?.reservation?.room.usd ?? Number.NaN);
}

/** How many rows of the ledger the connection has read, as far as it has not told the server yet. */
async function rowsRead(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ read: number }>(
    "SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables WHERE relname = 'ledger'",
  );
  return rows[0]?.read ?? Number.NaN;
}

async function keptSums() {
  const { rows } = await sut.database.pool.query(
    "SELECT spent_usd::float AS usd, spent_tokens::int AS tokens FROM budget_sums",
  );
  return rows as readonly { usd: number; tokens: number }[];
}

describe.each<[what: string, scope: BudgetScope, key: string, own: boolean]>([
  ["the day", "day", "*", false],
  ["its repository's day", "day", "*", true],
  ["its repository", "repository", "*", true],
  ["each repository", "repository", "*", false],
  ["its label", "label", "bug", false],
])("what is spent of %s", (_what, scope, key, own) => {
  beforeEach(async () => {
    await sut.stores.budgets.put(
      { scope, key, repositoryId: own ? sut.repository.id : null },
      { usd: LIMIT_USD, tokens: null },
      "ada",
    );
  });

  it("is kept once many have ended, and what comes after it is added", async () => {
    await settleMany();
    await allEnded();
    expect(await goneAtNextClaim()).toBeCloseTo(3);
    expect(await keptSums()).toEqual([{ usd: 3, tokens: 3_000 }]);
    // The claim before reserved a dollar.
    expect(await goneAtNextClaim()).toBeCloseTo(4);
    await settleMany();
    await allEnded();
    expect(await goneAtNextClaim()).toBeCloseTo(8);
    expect(await keptSums()).toEqual([{ usd: 6, tokens: 6_000 }]);
  });

  it("is read from what came after, not from all", async () => {
    await settleMany(sut.database.pool, 20 * MANY);
    await allEnded();
    await goneAtNextClaim();
    await sut.database.pool.query("ANALYZE ledger");
    const run = await sut.createRun();
    const client = await sut.database.pool.connect();
    await client.query("BEGIN");
    const before = await rowsRead(client);
    await readUses(inTransaction(client), [place(run)]);
    const read = (await rowsRead(client)) - before;
    await client.query("ROLLBACK");
    client.release();
    expect(read).toBeLessThan(MANY);
  });

  it("has in it what was settled by a transaction that ended after later ones", async () => {
    await settleMany();
    await allEnded();
    const slow = await sut.database.pool.connect();
    await slow.query("BEGIN");
    await settleMany(slow);
    await settleMany();
    expect(await goneAtNextClaim()).toBeCloseTo(6);
    expect(await keptSums()).toEqual([{ usd: 3, tokens: 3_000 }]);
    await slow.query("COMMIT");
    slow.release();
    await allEnded();
    expect(await goneAtNextClaim()).toBeCloseTo(10);
    expect(await keptSums()).toEqual([{ usd: 9, tokens: 9_000 }]);
  });
});

it("what is kept of a day is nothing to the next one, and goes with its budget", async () => {
  const day = { scope: "day", key: "*", repositoryId: null } as const;
  await sut.stores.budgets.put(day, { usd: LIMIT_USD, tokens: null }, "ada");
  await settleMany();
  expect(await goneAtNextClaim()).toBeCloseTo(3);
  await sut.database.pool.query(
    "UPDATE budget_sums SET day = day - 1; UPDATE ledger SET day = day - 1",
  );
  // The claim of yesterday still runs.
  expect(await goneAtNextClaim()).toBe(1);
  await sut.stores.budgets.put(day, { usd: null, tokens: null }, "ada");
  expect(await keptSums()).toEqual([]);
});

const place = (run: LoadedRun): CostPlace => ({
  run,
  execution: 1,
  phase: "classify",
  agent: "claude",
});

it("what is kept has in it what was settled of an attempt that notes its costs too late", async () => {
  const bugs = { scope: "label", key: "bug", repositoryId: null } as const;
  await sut.stores.budgets.put(bugs, { usd: LIMIT_USD, tokens: null }, "ada");
  const run = await sut.createRun();
  const { attempt } = await sut.claimed(run);
  const result: PhaseResult = {
    outcome: "succeeded",
    summary: "done",
    usage: {
      inputTokens: 90,
      outputTokens: 10,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd: 7,
    },
  };
  await sut.stores.attempts.finish(attempt, result);
  await settleMany();
  await allEnded();
  const late = { usd: 8, tokens: 200 };
  const { reservations } = sut.stores;
  expect(await reservations.spend(attempt, place(run), late)).toBeNull();
  expect(await goneAtNextClaim()).toBeCloseTo(10);
  expect(await keptSums()).toEqual([{ usd: 10, tokens: 3_100 }]);
});

/** A connection whose `now()` may be put forward, by `SET clock.ahead`. */
async function withAClock(
  work: (client: PoolClient) => Promise<void>,
): Promise<void> {
  const client = await sut.database.pool.connect();
  try {
    await client.query(
      `CREATE SCHEMA clock;
       CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE
           AS 'SELECT pg_catalog.now() + current_setting(''clock.ahead'')::interval';
       SET clock.ahead = '0';
       SET search_path = clock, public, pg_catalog`,
    );
    await work(client);
  } finally {
    client.release(true);
  }
}

it("what was read of a day before midnight is not kept as the next one's", async () => {
  const day = { scope: "day", key: "*", repositoryId: null } as const;
  await sut.stores.budgets.put(day, { usd: LIMIT_USD, tokens: null }, "ada");
  const run = await sut.createRun();
  await settleMany();
  await allEnded();
  await withAClock(async (client) => {
    const { query } = inTransaction(client);
    // The first statement reads the day; midnight is before the one that keeps it.
    const atMidnight: Executor = {
      query: async (statement, values) => {
        const rows = await query<never>(statement, values);
        await client.query("SET clock.ahead = '1 day'");
        return rows;
      },
    };
    const spentUsd = async (executor: Executor) => {
      const { byPlace } = await readUses(executor, [place(run)]);
      return byPlace[0]?.uses[0]?.spent.usd;
    };
    expect(await spentUsd(atMidnight)).toBe(3);
    expect(await keptSums()).toHaveLength(1);
    expect(await spentUsd({ query })).toBe(0);
  });
});

describe("on another server, whose transactions have other numbers", () => {
  const AHEAD = 2_000;
  const bugs = { scope: "label", key: "bug", repositoryId: null } as const;

  /** As after `pg_restore` into one that is new: its numbers begin far below those that came along. */
  const move = () =>
    sut.database.pool.query(
      `UPDATE ledger SET settled_tx = settled_tx + ${AHEAD} WHERE settled_at IS NOT NULL;
       UPDATE budget_sums SET settled_before = settled_before + ${AHEAD}`,
    );

  /** Until all numbers that came along have been given here, too. */
  async function numbersGrow(): Promise<void> {
    await sut.database.pool.query(
      `DO $$ BEGIN FOR i IN 1..${2 * AHEAD} LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$`,
    );
    await allEnded();
  }

  beforeEach(async () => {
    await sut.stores.budgets.put(bugs, { usd: LIMIT_USD, tokens: null }, "ada");
    await settleMany();
    await allEnded();
    expect(await goneAtNextClaim()).toBeCloseTo(3);
    expect(await keptSums()).toHaveLength(1);
  });

  it("what is settled counts, as does all that was settled before, and goes on to", async () => {
    await move();
    await settleMany(sut.database.pool, 100);
    // Each claim reserves a dollar.
    expect(await goneAtNextClaim()).toBeCloseTo(5);
    await numbersGrow();
    expect(await goneAtNextClaim()).toBeCloseTo(6);
    await settleMany();
    await allEnded();
    expect(await goneAtNextClaim()).toBeCloseTo(10);
    expect(await keptSums()).toEqual([{ usd: 7, tokens: 7_000 }]);
  });

  it("what came along is settled there, once the schema has been looked at", async () => {
    await move();
    await settleMany(sut.database.pool, 100);
    await migrate(sut.url);
    expect(await keptSums()).toEqual([]);
    await allEnded();
    expect(await goneAtNextClaim()).toBeCloseTo(5);
    expect(await keptSums()).toEqual([{ usd: 4, tokens: 4_000 }]);
    await numbersGrow();
    expect(await goneAtNextClaim()).toBeCloseTo(6);
    await migrate(sut.url);
    expect(await keptSums()).toEqual([{ usd: 4, tokens: 4_000 }]);
  });

  it("what came along is not missing from a sum that was read before, and is kept after", async () => {
    const run = await sut.createRun();
    await move();
    await settleMany(sut.database.pool, 100);
    await allEnded();
    let hasMigrated = false;
    const { byPlace } = await readUses(
      {
        query: async (statement, values) => {
          const rows = await sut.database.query<never>(statement, values);
          if (!hasMigrated) await migrate(sut.url);
          hasMigrated = true;
          return rows;
        },
      },
      [place(run)],
    );
    expect(byPlace[0]?.uses[0]?.spent.usd).toBe(4);
    expect(await keptSums()).toEqual([{ usd: 1, tokens: 1_000 }]);
    expect(await goneAtNextClaim()).toBeCloseTo(5);
  });
});
