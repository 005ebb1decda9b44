import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { until } from "@pullwright/testing";
import { queueOfRuns } from "../__fixtures__/queue-of-runs.js";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { ClaimedPhase } from "./attempts.js";
import type { Repository } from "./repositories.js";

const RUNS = 60;

let sut: StoresUnderTest;
let queue: ReturnType<typeof queueOfRuns>;
beforeEach(async () => {
  sut = await storesOnAClone();
  queue = queueOfRuns(sut);
});
afterEach(() => sut.close());

interface Reads {
  readonly ended: number;
  readonly read: number;
}

async function claim(repository: Repository): Promise<ClaimedPhase> {
  const runId = await queue.run(repository);
  const run = await sut.stores.runs.byId(runId);
  if (run === null) throw new Error("the run is gone");
  return sut.claimed(run);
}

/** Has Postgres's processes tell what they counted, which they otherwise do after ten idle seconds. */
async function tell(): Promise<void> {
  const { pool } = sut.database;
  const clients = await Promise.all(
    Array.from({ length: pool.totalCount }, () => pool.connect()),
  );
  for (const client of clients) {
    await client.query("SELECT pg_stat_force_next_flush()");
    client.release();
  }
}

/** Rows that were read although no index led to them, once Postgres has told of so many ends. */
async function readFromTheBeginning(ends: number): Promise<number> {
  await tell();
  const told: Reads[] = [];
  await until(async () => {
    const { rows } = await sut.database.pool.query<Reads>(
      `SELECT sum(n_tup_upd) FILTER (WHERE relname = 'attempts')::int AS ended, sum(seq_tup_read)::int AS read FROM pg_stat_user_tables
        WHERE relname IN ('attempts', 'workflow_runs', 'phase_runs', 'executions', 'effects', 'log_heads', 'run_events', 'ledger', 'handoffs')`,
    );
    told.push(...rows);
    return (told.at(-1)?.ended ?? 0) >= ends;
  }, "all ends are counted");
  return told.at(-1)?.read ?? -1;
}

it.each([
  ["one by one", 1],
  ["together", 20],
])(
  "reads no table from its beginning when phases end %s, though all were empty when it was planned",
  async (_, atOnce) => {
    const repository = await queue.repository();
    for (let made = 0; made < RUNS; made += atOnce) {
      const claimed: ClaimedPhase[] = [];
      while (claimed.length < atOnce) claimed.push(await claim(repository));
      for (const answer of await Promise.all(claimed.map(queue.finish)))
        expect(answer).toMatchObject({ kind: "applied" });
    }
    expect(await readFromTheBeginning(RUNS)).toBe(0);
  },
);
