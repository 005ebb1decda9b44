import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import { CAPACITY_DEADLINE_MS } from "@pullwright/domain";
import { queueOfRuns } from "../__fixtures__/queue-of-runs.js";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";

let sut: StoresUnderTest;
let queue: ReturnType<typeof queueOfRuns>;
beforeAll(async () => {
  sut = await storesOnAClone();
  queue = queueOfRuns(sut);
});
afterEach(() => queue.clear());
afterAll(() => sut.close());

const forget = () =>
  sut.database.pool.query("UPDATE phase_runs SET rung_at = NULL");
const later = () =>
  sut.database.pool.query(
    "UPDATE phase_runs SET rung_at = rung_at - interval '31 seconds'",
  );

it("rings for a phase that nobody rang for, and insists where a ring was made and nobody came", async () => {
  const runId = await queue.run(await queue.repository());
  const phaseRunId = (await sut.stores.runs.byId(runId))?.phaseRows[0]?.id;
  const { reconciliation } = sut.stores;
  await forget();
  const bell = {
    name: "phase.queued",
    payload: { v: 1, phaseRunId, fence: 0 },
  };
  const bells = async () =>
    (await reconciliation.unheardDoorbells()).filter(
      ({ name }) => name === "phase.queued",
    );
  expect(await bells()).toEqual([bell]);
  expect(await bells()).toEqual([]);
  await later();
  expect(await bells()).toEqual([{ ...bell, insists: true }]);
  expect(await bells()).toEqual([]);
});

it("finds the waits that may go on and those that have lasted too long, and no other", async () => {
  const repository = await queue.repository();
  const waiting = async (resumeAt: string | null, deadline: string) => {
    const runId = await queue.run(repository, {
      issueNumber: (issues += 1),
      cause: `label:1:${issues.toString()}`,
    });
    await sut.database.pool.query(
      `UPDATE workflow_runs SET status = 'waiting', waiting_reason = 'person', waiting_since = now(),
              resume_at = now() + $2::interval, wait_deadline = now() + $3::interval WHERE id = $1`,
      [runId, resumeAt, deadline],
    );
    return runId;
  };
  let issues = 0;
  const overdue = await waiting(null, "-1 second");
  const resumable = await waiting("-1 second", "1 hour");
  await waiting(null, "1 hour");
  await waiting("1 minute", "1 hour");
  const found = await sut.stores.reconciliation.elapsedWaits();
  expect(found.map(({ runId }) => runId).sort()).toEqual(
    [overdue, resumable].sort(),
  );
});

it("finds a run whose phase nobody has taken for two weeks, and the run fails then", async () => {
  const repository = await queue.repository();
  const [forgotten, queued] = [
    await queue.run(repository),
    await queue.run(repository),
  ];
  await queue.age(forgotten, CAPACITY_DEADLINE_MS);
  await queue.age(queued, CAPACITY_DEADLINE_MS - 60_000);
  expect(await sut.stores.reconciliation.elapsedWaits()).toEqual([
    { runId: forgotten },
  ]);
  await sut.stores.transitions.apply(forgotten, {
    event: { type: "wait_elapsed" },
    by: { actor: "orchestrator-1" },
  });
  const run = await sut.stores.runs.byId(forgotten);
  expect(run?.state).toMatchObject({
    status: "failed",
    failure: { failureClass: "infrastructure", phase: "plan" },
  });
  expect(await sut.stores.reconciliation.elapsedWaits()).toEqual([]);
});
