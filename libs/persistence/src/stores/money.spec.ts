import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import type { Amount, PhaseResult } from "@pullwright/domain";
import {
  runner,
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { ClaimedPhase, Claimer } from "./attempts.js";
import type { BudgetKey } from "./budgets.js";
import type { LoadedRun } from "./run-record.js";
import type { Applied } from "./run-transitions.js";

const claimer: Claimer = {
  ...runner,
  workersOf: () => [{ agent: "claude", model: "best", credential: null }],
};

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterEach(async () => {
  await sut.database.pool.query("DELETE FROM budgets; DELETE FROM ledger");
  sut.stores.reservations.forget();
});
afterAll(() => sut.close());

const everyDay: BudgetKey = { scope: "day", key: "*", repositoryId: null };
const limit = (
  key: BudgetKey,
  usd: number | null,
  tokens: number | null = null,
) => sut.stores.budgets.put(key, { usd, tokens }, "ada");

function costing(usd: number, tokens = 100): PhaseResult {
  return {
    outcome: "succeeded",
    summary: "done",
    usage: {
      inputTokens: tokens - 10,
      outputTokens: 10,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd: usd,
    },
  };
}

const claim = (run: LoadedRun, by: Partial<Claimer> = {}) =>
  sut.claim(run, { ...claimer, ...by });
const claimed = (run: LoadedRun) => sut.claimed(run, claimer);

const stateOf = async ({ id }: LoadedRun) =>
  (await sut.stores.runs.byId(id))?.state;

async function totals() {
  const { rows } = await sut.database.pool.query<{
    used: string;
    spent: string;
    open: number;
  }>(
    `SELECT coalesce(sum(CASE WHEN settled_at IS NULL THEN greatest(reserved_usd, cost_usd) ELSE cost_usd END), 0) AS used,
            coalesce(sum(cost_usd), 0) AS spent, count(*) FILTER (WHERE settled_at IS NULL)::int AS open FROM ledger`,
  );
  const [row] = rows;
  return {
    used: Number(row?.used),
    spent: Number(row?.spent),
    open: row?.open,
  };
}

it("without a budget a claim reserves nothing, and a result without usage writes no line", async () => {
  const run = await sut.createRun();
  const first = await claimed(run);
  expect(first.reservation).toBeNull();
  await sut.stores.attempts.finish(first.attempt, {
    ...costing(0),
    usage: null,
  });
  expect(await totals()).toEqual({ used: 0, spent: 0, open: 0 });
  const second = await claimed(run);
  await sut.stores.attempts.finish(second.attempt, costing(0.5, 70));
  const { rows } = await sut.database.pool.query("SELECT * FROM ledger");
  expect(rows).toMatchObject([
    {
      attempt_id: second.attempt.attemptId,
      workflow_run_id: run.id,
      adw_id: run.adwId,
      execution: 1,
      phase: "plan",
      labels: ["bug"],
      agent: "claude",
      model: "best",
      cost_usd: "0.500000",
      tokens: "70",
      reserved_usd: "0.000000",
      settled_at: expect.any(Date),
    },
  ]);
});

it("many runs at once never reserve more than a budget has, and what does not fit waits with the sums", async () => {
  await limit(everyDay, 3);
  const runs = await Promise.all(
    Array.from({ length: 12 }, () => sut.createRun()),
  );
  const parked: Applied[] = [];
  const onUnaffordable = (answer: Applied) => void parked.push(answer);
  const claims = await Promise.all(
    runs.map((run) => claim(run, { onUnaffordable })),
  );
  expect(claims.filter((one) => one !== null)).toHaveLength(3);
  expect(await totals()).toMatchObject({ used: 3, open: 3 });
  expect(parked).toHaveLength(9);
  const waiting = await stateOf(parked[0]?.run ?? (await sut.createRun()));
  expect(waiting).toMatchObject({
    status: "waiting",
    waiting: { reason: "budget", budgetId: "day/*/*" },
  });
  expect(waiting?.waiting?.message).toContain(
    "The budget of $3.00 for each day has no room: $0.00 spent, $3.00 reserved by what runs, $1.00 wanted.",
  );
  expect(parked[0]?.doorbells.map(({ name }) => name)).toContain("effect.due");
});

it("runs that begin together count once what they share, and by itself what each has for itself", async () => {
  await limit(everyDay, 2.5);
  await limit({ scope: "run", key: "*", repositoryId: null }, 0.75);
  await limit({ scope: "label", key: "bug", repositoryId: null }, 100);
  const runs = await Promise.all(
    Array.from({ length: 5 }, () => sut.createRun()),
  );
  const parked: Applied[] = [];
  const onUnaffordable = (answer: Applied) => void parked.push(answer);
  // While the first of these holds the budgets, the others wait to be written together.
  const claims = await Promise.all(
    runs.map((run) => claim(run, { onUnaffordable })),
  );
  const granted = claims.flatMap((one) => one?.reservation?.amount.usd ?? []);
  expect(granted).toEqual([0.75, 0.75, 0.75]);
  expect(await totals()).toMatchObject({ used: 2.25, open: 3 });
  const waiting = await Promise.all(parked.map(({ run }) => stateOf(run)));
  expect(waiting.map((state) => state?.waiting?.budgetId)).toEqual([
    "day/*/*",
    "day/*/*",
  ]);
});

it("a result settles what was reserved, and the next phase of the run is claimed only if it fits", async () => {
  await limit(everyDay, 2);
  const run = await sut.createRun();
  const first = await claimed(run);
  expect(first.reservation).toMatchObject({
    amount: { usd: 1 },
    room: { usd: 2 },
  });
  const next = { ...claimer, workItem: first.workItem };
  const cheap = await sut.stores.attempts.finish(
    first.attempt,
    costing(0.25),
    {},
    undefined,
    next,
  );
  if (cheap.kind !== "applied" || cheap.next === null)
    throw new Error("the next phase was not claimed");
  expect(await totals()).toEqual({ used: 1.25, spent: 0.25, open: 1 });
  const dear = await sut.stores.attempts.finish(
    cheap.next.attempt,
    costing(1.5),
    {},
    undefined,
    next,
  );
  expect(dear).toMatchObject({ kind: "applied", next: null });
  expect(await totals()).toEqual({ used: 1.75, spent: 1.75, open: 0 });
  expect(await claim(run)).toBeNull();
  expect((await stateOf(run))?.waiting?.budgetId).toBe("day/*/*");
  expect((await stateOf(run))?.spentUsd).toBe(1.75);
});

it("what a phase took before says what it is expected to take", async () => {
  for (const usd of [0.2, 0.3, 0.9]) {
    const { attempt } = await claimed(await sut.createRun());
    await sut.stores.attempts.finish(attempt, costing(usd, 1_000));
  }
  await limit(everyDay, 100, 9_000);
  expect((await claimed(await sut.createRun())).reservation).toEqual({
    kind: "reserved",
    amount: { usd: 0.3, tokens: 1_000 },
    room: { usd: 98.6, tokens: 6_000 },
  });
});

it("an attempt that is lost frees what it reserved; what it had noted is spent, by the run as well", async () => {
  await limit(everyDay, 1);
  const run = await sut.createRun();
  const { attempt, phase } = await claimed(run);
  const place = {
    run,
    execution: 1,
    phase: phase.definition.name,
    agent: "claude",
  };
  expect(
    await sut.stores.reservations.spend(attempt, place, {
      usd: 0.4,
      tokens: 30,
    }),
  ).toMatchObject({ kind: "reserved" });
  await sut.database.pool.query(
    "UPDATE phase_runs SET lease_until = now() - interval '1 second' WHERE id = $1",
    [attempt.phaseRunId],
  );
  const lost = (await sut.stores.reconciliation.lostAttempts()).find(
    ({ runId }) => runId === run.id,
  );
  expect(lost?.costUsd).toBe(0.4);
  await sut.stores.transitions.apply(run.id, {
    event: {
      type: "attempt_lost",
      position: attempt.position,
      fence: attempt.fence,
      message: "Silent.",
      costUsd: lost?.costUsd ?? 0,
    },
    by: { actor: "reconciler" },
  });
  expect(await totals()).toEqual({ used: 0.4, spent: 0.4, open: 0 });
  expect((await stateOf(run))?.spentUsd).toBe(0.4);
  // Nothing of the late owner counts any more.
  expect(
    await sut.stores.reservations.spend(attempt, place, {
      usd: 0.9,
      tokens: 30,
    }),
  ).toBeNull();
  expect((await totals()).spent).toBe(0.4);
});

it("a running attempt takes more as long as nobody else has it, and is told when that ends", async () => {
  await limit(everyDay, 3);
  const [one, other] = [await sut.createRun(), await sut.createRun()];
  const { attempt, phase } = await claimed(one);
  await claimed(other);
  const place = {
    run: one,
    execution: 1,
    phase: phase.definition.name,
    agent: "claude",
  };
  const spend = (usd: number) =>
    sut.stores.reservations.spend(attempt, place, { usd, tokens: 0 });
  expect(await spend(1.2)).toMatchObject({ amount: { usd: 1.8 } });
  expect(await spend(1.9)).toMatchObject({ amount: { usd: 2 } });
  expect((await totals()).used).toBe(3);
  expect(await spend(2.1)).toMatchObject({
    kind: "refused",
    breach: { budgetId: "day/*/*" },
  });
});

it("an agent has its limit within one execution, in dollars and tokens, for what it reserves and what it takes", async () => {
  const agent = (key: string): BudgetKey => ({
    scope: "agent",
    key,
    repositoryId: null,
  });
  await limit(agent("claude"), 1.5, 1_000);
  await limit(agent("*"), null, 5_000);
  await limit(agent("codex"), 0);
  const run = await sut.createRun();
  const first = await claimed(run);
  expect(first.reservation?.room).toEqual({ usd: 1.5, tokens: 1_000 });
  const place = { run, execution: 1, phase: "plan", agent: "claude" };
  const spend = (tokens: number) =>
    sut.stores.reservations.spend(first.attempt, place, { usd: 0, tokens });
  expect(await spend(1_000)).toMatchObject({ kind: "reserved" });
  expect(await spend(1_001)).toMatchObject({
    kind: "refused",
    breach: {
      budgetId: "agent/*/claude",
      message: expect.stringContaining("for the agent claude"),
    },
  });
  await sut.stores.attempts.finish(first.attempt, costing(1, 600));
  const state = await stateOf(run);
  if (state === undefined) throw new Error("the run is gone");
  const shown = await sut.stores.budgets.ofRun({ id: run.id, state }, [
    "codex",
  ]);
  expect(
    shown.map(({ budget, of, spent }) => [
      budget.id,
      of,
      spent.usd,
      spent.tokens,
    ]),
  ).toEqual([
    ["agent/*/*", "claude", 1, 600],
    ["agent/*/claude", "claude", 1, 600],
    ["agent/*/*", "codex", 0, 0],
    ["agent/*/codex", "codex", 0, 0],
  ]);
  // What another run takes of it is its own.
  expect((await claimed(await sut.createRun())).reservation?.room.usd).toBe(
    1.5,
  );
  // Another agent has its own limit.
  const codex = {
    workersOf: () => [{ agent: "codex", model: null, credential: null }],
  };
  expect(await claim(await sut.createRun(), codex)).toBeNull();
});

// S2-35.
it("each grant, its growth and what was taken stand in the run's events with their sums", async () => {
  await limit(everyDay, 3, 10_000);
  const run = await sut.createRun();
  const { attempt, phase } = await claimed(run);
  const { name } = phase.definition;
  const place = { run, execution: 1, phase: name, agent: "claude" };
  const { reservations } = sut.stores;
  for (const usd of [0.5, 1.2])
    await reservations.spend(attempt, place, { usd, tokens: 40 });
  await sut.stores.attempts.finish({ ...attempt, isNoted: true }, costing(1.3));
  const events = await sut.stores.runQueries.events(run.id, 0, 20);
  const granted = { room_usd: 3, room_tokens: 10_000 };
  expect(events.slice(1)).toMatchObject([
    {
      type: "phase_claimed",
      payload: { phase: name, reserved_usd: 1, reserved_tokens: 0, ...granted },
    },
    {
      type: "budget_extended",
      payload: {
        ...{
          taken_usd: 0.5,
          taken_tokens: 40,
          before_usd: 1,
          before_tokens: 0,
        },
        ...{ reserved_usd: 1, reserved_tokens: 60, ...granted },
      },
    },
    {
      type: "budget_extended",
      actor: "runner-1",
      payload: {
        ...{ phase: name, agent: "claude", taken_usd: 1.2, before_usd: 1 },
        ...{ reserved_usd: 1.8, reserved_tokens: 60, ...granted },
      },
    },
    {
      type: "phase_finished",
      payload: { outcome: "succeeded", cost_usd: 1.3, tokens: 100 },
    },
  ]);
});

it("a day's budget begins anew at midnight in UTC, on the database's clock", async () => {
  await limit(everyDay, 1);
  const { attempt } = await claimed(await sut.createRun());
  await sut.stores.attempts.finish(attempt, costing(1));
  const late = await sut.createRun();
  expect(await claim(late)).toBeNull();
  const { rows } = await sut.database.pool.query(
    "SELECT day = (now() AT TIME ZONE 'utc')::date AS today FROM ledger",
  );
  expect(rows).toEqual([{ today: true }]);
  await sut.database.pool.query("UPDATE ledger SET day = day - 1");
  await sut.stores.transitions.apply(late.id, {
    event: { type: "budget_freed" },
    by: { actor: "reconciler" },
  });
  expect(await claim(late)).not.toBeNull();
});

it("what runs across midnight is held against each day, and counts for the one on which it ends", async () => {
  await limit(everyDay, 10);
  const one = await claimed(await sut.createRun());
  const other = await claimed(await sut.createRun());
  await sut.database.pool.query("UPDATE ledger SET day = day - 1");
  const spend = ({ attempt, run, phase }: ClaimedPhase, usd: number) =>
    sut.stores.reservations.spend(
      attempt,
      { run, execution: 1, phase: phase.definition.name, agent: "claude" },
      { usd, tokens: 0 },
    );
  expect(await spend(one, 6)).toMatchObject({ amount: { usd: 9 } });
  expect(await spend(other, 2)).toMatchObject({ kind: "refused" });
  expect(await claim(await sut.createRun())).toBeNull();

  await sut.database.pool.query("UPDATE ledger SET day = day - 1");
  await sut.stores.attempts.finish(one.attempt, costing(6));
  await sut.stores.transitions.apply(other.run.id, {
    event: { type: "cancel_requested", by: "ada", reason: null },
    by: { actor: "ada" },
  });
  const { rows } = await sut.database.pool.query(
    "SELECT cost_usd::int, day = (now() AT TIME ZONE 'utc')::date AS today FROM ledger WHERE settled_at IS NOT NULL",
  );
  expect(rows).toEqual([{ cost_usd: 6, today: true }]);
});

it.each<readonly [string, (run: LoadedRun) => BudgetKey, boolean]>([
  [
    "its repository",
    (run) => ({
      scope: "repository",
      key: "*",
      repositoryId: run.repository.id,
    }),
    true,
  ],
  [
    "each repository",
    () => ({ scope: "repository", key: "*", repositoryId: null }),
    true,
  ],
  [
    "its label",
    () => ({ scope: "label", key: "bug", repositoryId: null }),
    true,
  ],
  [
    "another label",
    () => ({ scope: "label", key: "chore", repositoryId: null }),
    false,
  ],
  [
    "its work item",
    (run) => ({
      scope: "work_item",
      key: String(run.issueNumber),
      repositoryId: run.repository.id,
    }),
    true,
  ],
  [
    "another work item",
    (run) => ({
      scope: "work_item",
      key: "99999",
      repositoryId: run.repository.id,
    }),
    false,
  ],
  ["each run", () => ({ scope: "run", key: "*", repositoryId: null }), true],
  [
    "another run",
    () => ({ scope: "run", key: "aaaaaaaa", repositoryId: null }),
    false,
  ],
  [
    "each execution",
    () => ({ scope: "execution", key: "*", repositoryId: null }),
    true,
  ],
  [
    "its phase",
    () => ({ scope: "phase", key: "classify", repositoryId: null }),
    true,
  ],
  [
    "another phase",
    () => ({ scope: "phase", key: "build", repositoryId: null }),
    false,
  ],
])("a budget for %s applies as it says", async (_name, keyOf, applies) => {
  const run = await sut.createRun();
  await limit(keyOf(run), 0.5);
  const first = await claimed(run);
  expect(first.reservation !== null).toBe(applies);
  // A failure that is tried again: the same phase once more, with the budget used up.
  await sut.stores.attempts.finish(first.attempt, {
    ...costing(0.5),
    outcome: "failed",
    failureClass: "transient",
    message: "a hiccup",
  });
  await sut.database.pool.query(
    "UPDATE phase_runs SET available_at = now() WHERE workflow_run_id = $1 AND status = 'queued'",
    [run.id],
  );
  expect((await claim(run)) === null).toBe(applies);
});

it("a budget of tokens stops what a budget of money lets pass", async () => {
  await limit(everyDay, null, 100);
  const { attempt } = await claimed(await sut.createRun());
  await sut.stores.attempts.finish(attempt, costing(0, 100));
  const late = await sut.createRun();
  expect(await claim(late)).toBeNull();
  expect((await stateOf(late))?.waiting?.message).toMatch(/100 tokens spent/);
});

it("a run without a cent waits at its first phase for an agent, and goes on when a person adds some", async () => {
  const run = await sut.createRun({
    limits: { maxActiveMs: 3_600_000, maxUsd: 0, maxFixRounds: 1 },
  });
  expect(await claim(run)).toBeNull();
  expect(await stateOf(run)).toMatchObject({
    status: "waiting",
    waiting: { reason: "budget" },
  });
  expect((await stateOf(run))?.waiting?.budgetId).toBeUndefined();
  await sut.stores.transitions.apply(run.id, {
    event: { type: "continue_requested", by: "ada", addUsd: 5 },
    by: { actor: "ada" },
  });
  expect(await claim(run)).not.toBeNull();
});

/** The attempt's owner falls silent, having noted so much. */
async function lose(
  run: LoadedRun,
  { attempt, phase }: ClaimedPhase,
  noted: Amount,
) {
  const { reservations, reconciliation, transitions } = sut.stores;
  const place = {
    run,
    execution: 1,
    phase: phase.definition.name,
    agent: "claude",
  };
  await reservations.spend(attempt, place, noted);
  await sut.database.pool.query(
    "UPDATE phase_runs SET lease_until = now() - interval '1 second' WHERE id = $1",
    [attempt.phaseRunId],
  );
  const lost = (await reconciliation.lostAttempts()).find(
    ({ runId }) => runId === run.id,
  );
  if (lost === undefined) throw new Error("nobody missed it");
  const { position, fence, costUsd, tokens } = lost;
  await transitions.apply(run.id, {
    event: {
      type: "attempt_lost",
      position,
      fence,
      message: "Silent.",
      ...(costUsd === null ? {} : { costUsd }),
      ...(tokens === null ? {} : { tokens }),
    },
    by: { actor: "reconciler" },
  });
}

/** Has its commit ready to be pushed. */
const prepare = ({ attempt }: ClaimedPhase, result: PhaseResult) =>
  sut.stores.attempts.prepare(attempt, "a".repeat(40), result);

/** The next attempt finds the commit on the remote. */
async function adopt(run: LoadedRun): Promise<void> {
  await sut.database.pool.query(
    "UPDATE phase_runs SET available_at = now() WHERE workflow_run_id = $1 AND status = 'queued'",
    [run.id],
  );
  const { attempt, prepared } = await claimed(run);
  if (prepared === null) throw new Error("nothing was prepared");
  const { sha, result } = prepared;
  await sut.stores.attempts.finish(attempt, result, { pushedSha: sha });
}

const failing = (usd: number, tokens: number): PhaseResult => ({
  ...costing(usd, tokens),
  outcome: "failed",
  failureClass: "transient",
  message: "The push was not answered.",
});

type Ending = (run: LoadedRun, phase: ClaimedPhase) => Promise<unknown>;
it.each<readonly [string, number, number, Ending]>([
  [
    "is done",
    0.35,
    100,
    (_run, { attempt }) =>
      sut.stores.attempts.finish(attempt, costing(0.35, 100)),
  ],
  [
    "is lost",
    0.2,
    40,
    (run, phase) => lose(run, phase, { usd: 0.2, tokens: 40 }),
  ],
  [
    "is lost after its push, and the next one adopts the commit",
    0.6,
    120,
    async (run, phase) => {
      await prepare(phase, costing(0.6, 120));
      await lose(run, phase, { usd: 0.4, tokens: 90 });
      await adopt(run);
    },
  ],
  [
    "is lost after its push with all of it noted, and so is the first that adopts the commit",
    0.6,
    120,
    async (run, phase) => {
      await prepare(phase, costing(0.6, 120));
      await lose(run, phase, { usd: 0.6, tokens: 120 });
      await sut.database.pool.query(
        "UPDATE phase_runs SET available_at = now() WHERE workflow_run_id = $1",
        [run.id],
      );
      await lose(run, await claimed(run), { usd: 0, tokens: 0 });
      await adopt(run);
    },
  ],
  [
    "fails since its push was not answered, and the next one adopts the commit",
    0.6,
    120,
    async (run, phase) => {
      await prepare(phase, costing(0.6, 120));
      await sut.stores.attempts.finish(phase.attempt, failing(0.6, 120));
      await adopt(run);
    },
  ],
])(
  "when an attempt %s, its cost counts once, for the run, its execution and the ledger",
  async (_name, usd, tokens, end) => {
    await limit(everyDay, 1_000);
    const run = await sut.createRun();
    await end(run, await claimed(run));
    expect(await totals()).toEqual({ used: usd, spent: usd, open: 0 });
    expect((await stateOf(run))?.spentUsd).toBeCloseTo(usd, 6);
    const { rows } = await sut.database.pool.query(
      `SELECT x.total_cost::float8 AS usd, x.total_tokens::int AS tokens,
              (SELECT sum(tokens)::int FROM ledger WHERE workflow_run_id = $1) AS "ledgerTokens",
              (SELECT sum(cost_usd)::float8 FROM attempts WHERE workflow_run_id = $1) AS "attemptsUsd"
         FROM executions x WHERE x.workflow_run_id = $1`,
      [run.id],
    );
    expect(rows).toEqual([
      { usd, tokens, ledgerTokens: tokens, attemptsUsd: usd },
    ]);
  },
);

it("sums costs by each key", async () => {
  const run = await sut.createRun();
  for (const usd of [0.5, 1]) {
    const { attempt } = await claimed(run);
    await sut.stores.attempts.finish(attempt, costing(usd, 50));
  }
  const all = { from: null, to: null, repositoryIds: null, limit: 50 };
  const by = (groupBy: "phase" | "work_item" | "label" | "execution") =>
    sut.stores.ledger.sums({ ...all, groupBy });
  expect(await by("phase")).toMatchObject([
    { key: "plan", costUsd: 1, tokens: 50, attempts: 1, running: 0 },
    { key: "classify", costUsd: 0.5 },
  ]);
  expect(await by("work_item")).toMatchObject([
    { key: `acme/shop#${String(run.issueNumber)}`, costUsd: 1.5, attempts: 2 },
  ]);
  expect(await by("label")).toMatchObject([{ key: "bug", tokens: 100 }]);
  expect(await by("execution")).toMatchObject([{ key: `${run.adwId}#1` }]);
  expect(
    await sut.stores.ledger.sums({ ...all, groupBy: "day", repositoryIds: [] }),
  ).toEqual([]);
  await sut.database.pool.query(
    "UPDATE workflow_runs SET pull_request_number = 7, pull_request_merged_at = now() WHERE id = $1",
    [run.id],
  );
  expect(
    await sut.stores.ledger.sums({ ...all, groupBy: "pull_request" }),
  ).toMatchObject([
    { key: "acme/shop#7", costUsd: 1.5, mergedAt: expect.any(Date) },
  ]);
});
