import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import {
  runner,
  storesOnAClone,
  succeeded,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { ClaimedPhase, Claimer } from "./attempts.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterEach(async () => {
  await sut.database.pool.query("DELETE FROM budgets");
  sut.stores.reservations.forget();
});
afterAll(() => sut.close());

const firstPhase = async (): Promise<ClaimedPhase> =>
  sut.claimed(await sut.createRun());

/** The answer is the one that gets lost. */
const finish = ({ attempt, workItem }: ClaimedPhase, by: Claimer | null) =>
  sut.stores.attempts.finish(
    attempt,
    succeeded,
    {},
    undefined,
    by === null ? undefined : { ...by, workItem },
  );

it("a phase whose claim nobody heard of goes back to the queue at once, at nobody's cost", async () => {
  const key = { scope: "day", key: "*", repositoryId: null } as const;
  await sut.stores.budgets.put(key, { usd: 100, tokens: null }, "ada");
  const first = await firstPhase();
  await finish(first, runner);
  expect(await finish(first, runner)).toMatchObject({
    kind: "refused",
    reason: "stale_fence",
  });
  const given = await sut.stores.attempts.giveBackUnheard(first.attempt);
  const run = await sut.stores.runs.byId(first.run.id);
  const [row] = (run?.phaseRows ?? []).filter(({ phase }) => phase === "plan");
  expect(row).toMatchObject({
    status: "queued",
    owner: null,
    fence: 1,
    infrastructure_losses: 0,
    failed_attempts: 0,
  });
  expect(given).toMatchObject({
    kind: "applied",
    next: null,
    doorbells: expect.arrayContaining([
      {
        name: "phase.queued",
        payload: { v: 1, phaseRunId: row?.id, fence: 1 },
      },
    ]),
  });
  const { rows } = await sut.database.pool.query(
    "SELECT count(*)::int AS open FROM ledger WHERE workflow_run_id = $1 AND settled_at IS NULL",
    [first.run.id],
  );
  expect(rows).toEqual([{ open: 0 }]);
  expect(
    await sut.stores.attempts.claim({ phaseRunId: row?.id ?? "", ...runner }),
  ).not.toBeNull();
  expect(await sut.stores.attempts.giveBackUnheard(first.attempt)).toBeNull();
});

it("a phase that this process claimed by itself stays claimed", async () => {
  const first = await firstPhase();
  await finish(first, null);
  const phaseRunId = first.run.phaseRows[1]?.id ?? "";
  const second = await sut.stores.attempts.claim({ phaseRunId, ...runner });
  expect(second).not.toBeNull();
  expect(await sut.stores.attempts.giveBackUnheard(first.attempt)).toBeNull();
});

it("an attempt that has not ended, or was lost, has claimed nothing", async () => {
  const { attempt, run } = await firstPhase();
  expect(await sut.stores.attempts.giveBackUnheard(attempt)).toBeNull();
  const { position, fence } = attempt;
  await sut.stores.transitions.apply(run.id, {
    event: { type: "attempt_lost", position, fence, message: "Silent." },
    by: { actor: "reconciler" },
  });
  expect(await sut.stores.attempts.giveBackUnheard(attempt)).toBeNull();
});
