import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
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
