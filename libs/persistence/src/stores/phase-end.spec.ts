import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { until } from "@pullwright/testing";
import { queueOfRuns } from "../__fixtures__/queue-of-runs.js";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";

const RUNS = 60;

let sut: StoresUnderTest;
let queue: ReturnType<typeof queueOfRuns>;
beforeAll(async () => {
  sut = await storesOnAClone();
  queue = queueOfRuns(sut);
});
afterAll(() => sut.close());

interface Reads {
  readonly ended: number;
  readonly read: number;
}

it("reads no table from its beginning, though its statement was planned while all were empty", async () => {
  const repository = await queue.repository();
  for (let made = 0; made < RUNS; made += 1) {
    const runId = await queue.run(repository);
    const run = await sut.stores.runs.byId(runId);
    const phaseRunId = run?.phaseRows[0]?.id ?? "";
    const claimed = await sut.stores.attempts.claim({
      phaseRunId,
      owner: "runner-1",
      leaseMs: 60_000,
    });
    if (claimed === null) throw new Error("nothing was claimed");
    expect(await queue.finish(claimed)).toMatchObject({ kind: "applied" });
  }
  // Postgres tells what its processes counted once they are idle.
  const told: Reads[] = [];
  await until(async () => {
    const { rows } = await sut.database.pool.query<Reads>(
      `SELECT sum(n_tup_upd) FILTER (WHERE relname = 'attempts')::int AS ended, sum(seq_tup_read)::int AS read FROM pg_stat_user_tables
        WHERE relname IN ('attempts', 'workflow_runs', 'phase_runs', 'executions', 'effects', 'log_heads', 'run_events')`,
    );
    told.push(...rows);
    return (told.at(-1)?.ended ?? 0) >= RUNS;
  }, "all ends are counted");
  expect(told.at(-1)?.read).toBe(0);
});
