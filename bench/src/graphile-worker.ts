import { run, runMigrations, type JobHelpers } from "graphile-worker";
import pg from "pg";
import { CONCURRENCY, given, POOL_SIZE, servePlays } from "./serve.js";

const PHASES = 4;
const pgPool = new pg.Pool({
  connectionString: given("DATABASE_URL"),
  max: POOL_SIZE,
});
const finished = new Map<number, () => void>();
let runs = 0;

interface Step {
  readonly run: number;
  readonly step: number;
}

/** A job a step, each of which adds the next one: what a run of four steps is to graphile-worker. */
async function step(payload: unknown, { addJob }: JobHelpers): Promise<void> {
  const { run: id, step: position } = payload as Step; // Only this program adds jobs.
  if (position < PHASES) {
    await addJob("step", { run: id, step: position + 1 });
    return;
  }
  finished.get(id)?.();
  finished.delete(id);
}

await runMigrations({ pgPool });
const runner = await run({
  pgPool,
  concurrency: CONCURRENCY,
  noHandleSignals: true,
  taskList: { step },
  // Its own logger tells of every job.
  logger: new (await import("graphile-worker")).Logger(() => () => undefined),
});

servePlays(
  async () => {
    runs += 1;
    const id = runs;
    const over = new Promise<void>((resolve) => finished.set(id, resolve));
    await runner.addJob("step", { run: id, step: 1 });
    await over;
  },
  () => undefined,
);
