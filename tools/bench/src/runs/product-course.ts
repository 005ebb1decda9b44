import { setImmediate } from "node:timers/promises";
import { keepLease, Lease, LogWriter } from "@pullwright/agent-runner";
import type { WorkflowDefinition } from "@pullwright/domain";
import type {
  AttemptRef,
  ClaimedPhase,
  Claimer,
  FinishAnswer,
} from "@pullwright/persistence";
import { createSilentLogger, loadConfig } from "@pullwright/platform";
import { openRuntime, type Runtime } from "@pullwright/runtime";
import { aRun } from "../stage/a-run.js";
import { CONCURRENCY, Finish, type RunCourse } from "./run-course.js";

const logger = createSilentLogger();
const LEASE = { intervalMs: 15_000, timeoutMs: 120_000 };
/** US dollars: more than any run here takes. */
const MAX_RUN_USD = 100;
/** Who works: its credential's breaker is looked at by every claim. */
const worker = { agent: "bench", model: "none", credential: "bench:0" };
/** What a phase says it took, which is settled with its end. */
const usage = {
  inputTokens: 1_000,
  outputTokens: 100,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.01,
};

/** Four phases that do nothing, on the shape of the shipped workflows. */
const workflow: WorkflowDefinition = {
  name: "bench",
  version: 1,
  description: "Four phases that do nothing.",
  start: "base",
  phases: ["one", "two", "three", "four"].map((name) => ({
    name,
    kind: "agent",
    writes: "nothing",
    timeoutMinutes: 5,
    stallMinutes: 5,
  })),
};

export interface ProductCourse extends RunCourse {
  /** From now on all runs share a budget of so many US dollars a day. */
  shareBudget(maxDayUsd: number): Promise<void>;
}

/**
 * The product: its runner's steps around an empty phase, each statement its own. The money of each run is limited, and an agent
 * with a credential works.
 */
export async function openProductCourse(
  databaseUrl: string,
  redisUrl: string | null,
): Promise<ProductCourse> {
  const runtime = await openRuntime(
    "bench-runs",
    loadConfig({
      DATABASE_URL: databaseUrl,
      ...(redisUrl === null ? {} : { REDIS_URL: redisUrl }),
      LOG_LEVEL: "warn",
    }),
  );
  const { stores, queues } = runtime;
  await stores.ensureLogPartitions(new Date());
  const finish = new Finish();
  queues.work(
    "phases",
    {
      "phase.queued": async ({ phaseRunId }) => {
        const runId = await workOnRun(runtime, phaseRunId);
        if (runId !== null) finish.reached(runId);
      },
    },
    { concurrency: CONCURRENCY },
  );
  const firstPhases = new Map<string, { id: string; fence: number }>();
  return {
    prepare: async (count) => {
      const runs: string[] = [];
      for (let made = 0; made < count; made += 1) {
        const run = await aRun(stores, workflow, MAX_RUN_USD);
        const [first] = run.phaseRows;
        if (first === undefined) throw new Error("a run without phases");
        firstPhases.set(run.id, first);
        runs.push(run.id);
      }
      return runs;
    },
    play: async (run) => {
      const first = firstPhases.get(run);
      if (first === undefined) throw new Error("the run was not prepared");
      const finished = finish.of(run);
      const { id: phaseRunId, fence } = first;
      await queues.ring("phase.queued", { v: 1, phaseRunId, fence });
      await finished;
    },
    shareBudget: async (maxDayUsd) => {
      await stores.budgets.follow({ maxDayUsd });
    },
    close: async () => {
      await runtime.shutdown.run("the bench ends");
    },
  };
}

/** What `Runner` does around the phases of a run; the run's id when the last one here was its last. */
async function workOnRun(
  runtime: Runtime,
  phaseRunId: string,
): Promise<string | null> {
  const claimer: Claimer = {
    owner: runtime.owner,
    leaseMs: LEASE.timeoutMs,
    workersOf: () => [worker],
    knows: ({ definition }) => definition.kind === "agent",
    onUnaffordable: (answer) => void runtime.announce(answer),
  };
  let claimed = await runtime.stores.attempts.claim({ phaseRunId, ...claimer });
  let ended: string | null = null;
  while (claimed !== null) {
    const answer: Worked = await workOnPhase(runtime, claimed, claimer);
    ended = answer.run.state.status === "completed" ? answer.run.id : null;
    claimed = answer.next;
  }
  return ended;
}

type Worked = Extract<FinishAnswer, { kind: "applied" }>;

/** What `runAttempt` does around a phase's work. */
async function workOnPhase(
  runtime: Runtime,
  claimed: ClaimedPhase,
  claimer: Claimer,
): Promise<Worked> {
  const { stores, queues } = runtime;
  const announced = setImmediate().then(() =>
    runtime.announce(claimed.announce),
  );
  const { attempt, run, phase, workItem } = claimed;
  const lease = new Lease(LEASE);
  const over = new AbortController();
  const log = new LogWriter(
    {
      append: (lines) =>
        stores.logs.append(
          { ...attempt, adwId: run.adwId, phase: phase.definition.name },
          lines,
        ),
      publish: (event) => queues.publish(event),
    },
    [],
    logger,
    lease.lost,
  );
  const keeping = {
    attempt,
    lease,
    beat: (ref: AttemptRef, leaseMs: number) =>
      stores.attempts.heartbeat(ref, leaseMs),
    onBeat: () => undefined,
    logger,
  };
  const heartbeats = keepLease(keeping, over.signal);
  await log.add("INFO", `${phase.definition.name}: succeeded`);
  const answer = await stores.attempts.finish(
    attempt,
    { outcome: "succeeded", summary: "", usage },
    {},
    await log.takeLast(),
    { ...claimer, workItem },
  );
  over.abort("The work is over.");
  await heartbeats;
  if (answer.kind !== "applied") throw new Error(`refused: ${answer.kind}`);
  await announced;
  if (answer.next === null) await runtime.announce(answer);
  return answer;
}
