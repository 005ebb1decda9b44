import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import {
  CONCURRENCY,
  Finish,
  POOL_SIZE,
  type RunCourse,
} from "./run-course.js";

const PHASES = 4;

const tables = `
  CREATE TABLE reference_runs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), status text NOT NULL, updated_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE reference_phases (run_id uuid, position int, status text NOT NULL, owner text, started_at timestamptz, ended_at timestamptz, result jsonb, PRIMARY KEY (run_id, position));
  CREATE TABLE reference_events (id bigserial PRIMARY KEY, run_id uuid, type text NOT NULL, payload jsonb, at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE reference_logs (id bigserial PRIMARY KEY, run_id uuid, at timestamptz NOT NULL DEFAULT now(), message text NOT NULL);
  CREATE TABLE reference_budget (id int PRIMARY KEY, limit_usd numeric NOT NULL, reserved_usd numeric NOT NULL DEFAULT 0, spent_usd numeric NOT NULL DEFAULT 0);
  CREATE TABLE reference_ledger (run_id uuid, position int, at timestamptz NOT NULL DEFAULT now(), reserved_usd numeric NOT NULL, cost_usd numeric, PRIMARY KEY (run_id, position));
  INSERT INTO reference_budget (id, limit_usd) VALUES (1, 1000000);
`;
/** US dollars, reserved for a phase and taken by it. */
const RESERVED = 1;
const COST = 0.01;

interface PhaseJob {
  readonly run: string;
  readonly position: number;
}

/**
 * The bare reference: a BullMQ job a phase, a transaction to begin it and one to end it. It keeps phases, results, events
 * and a log line as the product does, but has no fence, lease, attempt, live event, effect or domain core. With `budget`, each
 * phase reserves from one budget in the transaction that begins it, and settles in the one that ends it.
 */
export async function openReferenceCourse(
  databaseUrl: string,
  redisUrl: string,
  { budget }: { readonly budget: boolean },
): Promise<RunCourse> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL_SIZE });
  await pool.query(tables);
  const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
  const shared = {
    connection,
    prefix: budget ? "reference-budget" : "reference",
  };
  const queue = new Queue<PhaseJob>("phases", shared);
  const finish = new Finish();
  const ring = (run: string, position: number) =>
    queue.add(
      "phase",
      { run, position },
      {
        jobId: `p_${run}_${position.toString()}`,
        attempts: 1,
        removeOnComplete: true,
        removeOnFail: true,
      },
    );
  const transaction = async (
    ...statements: readonly pg.QueryConfig[]
  ): Promise<void> => {
    const client = await pool.connect();
    try {
      await client.query("BEGIN");
      for (const statement of statements) await client.query(statement);
      await client.query("COMMIT");
    } finally {
      client.release();
    }
  };
  const begin = ({ run, position }: PhaseJob) =>
    transaction(
      statement(
        "claim",
        "UPDATE reference_phases SET status = 'running', owner = 'bench', started_at = now() WHERE run_id = $1 AND position = $2 AND status = 'queued'",
        [run, position],
      ),
      statement(
        "claimed",
        "INSERT INTO reference_events (run_id, type, payload) VALUES ($1, 'phase_claimed', $2)",
        [run, { position }],
      ),
      ...(budget ? reserve(run, position) : []),
    );
  const end = ({ run, position }: PhaseJob) =>
    transaction(
      statement(
        "log",
        "INSERT INTO reference_logs (run_id, message) VALUES ($1, $2)",
        [run, `phase ${position.toString()}: succeeded`],
      ),
      statement(
        "finish",
        "UPDATE reference_phases SET status = 'succeeded', ended_at = now(), result = $3 WHERE run_id = $1 AND position = $2",
        [run, position, { outcome: "succeeded", summary: "" }],
      ),
      position < PHASES
        ? statement(
            "next",
            "UPDATE reference_phases SET status = 'queued' WHERE run_id = $1 AND position = $2",
            [run, position + 1],
          )
        : statement(
            "done",
            "UPDATE reference_runs SET status = 'completed', updated_at = now() WHERE id = $1",
            [run],
          ),
      statement(
        "finished",
        "INSERT INTO reference_events (run_id, type, payload) VALUES ($1, 'phase_finished', $2)",
        [run, { position }],
      ),
      ...(budget ? settle(run, position) : []),
    );
  const worker = new Worker<PhaseJob>(
    "phases",
    async ({ data }) => {
      await begin(data);
      await end(data);
      if (data.position < PHASES) await ring(data.run, data.position + 1);
      else finish.reached(data.run);
    },
    {
      ...shared,
      concurrency: CONCURRENCY,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    },
  );
  return {
    prepare: async (count) => {
      const { rows } = await pool.query<{ id: string }>(
        `WITH runs AS (INSERT INTO reference_runs (status) SELECT 'running' FROM generate_series(1, $1) RETURNING id),
              phases AS (INSERT INTO reference_phases (run_id, position, status)
                         SELECT id, n, CASE WHEN n = 1 THEN 'queued' ELSE 'pending' END FROM runs, generate_series(1, ${PHASES.toString()}) AS n)
         SELECT id FROM runs`,
        [count],
      );
      return rows.map(({ id }) => id);
    },
    play: async (run) => {
      const finished = finish.of(run);
      await ring(run, 1);
      await finished;
    },
    close: async () => {
      await worker.close();
      await queue.close();
      connection.disconnect();
      await pool.end();
    },
  };
}

const reserve = (run: string, position: number) => [
  statement(
    "reserve",
    "UPDATE reference_budget SET reserved_usd = reserved_usd + $1 WHERE id = 1 AND spent_usd + reserved_usd + $1 <= limit_usd",
    [RESERVED],
  ),
  statement(
    "reserved",
    "INSERT INTO reference_ledger (run_id, position, reserved_usd) VALUES ($1, $2, $3)",
    [run, position, RESERVED],
  ),
];

const settle = (run: string, position: number) => [
  statement(
    "settled",
    "UPDATE reference_ledger SET cost_usd = $3 WHERE run_id = $1 AND position = $2",
    [run, position, COST],
  ),
  statement(
    "settle",
    "UPDATE reference_budget SET reserved_usd = reserved_usd - $1, spent_usd = spent_usd + $2 WHERE id = 1",
    [RESERVED, COST],
  ),
];

/** Prepared once a connection, as the product's statements are. */
function statement(
  name: string,
  text: string,
  values: readonly unknown[],
): pg.QueryConfig {
  return { name, text, values: [...values] };
}
