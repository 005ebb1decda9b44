import { randomUUID } from "node:crypto";
import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  it,
} from "@jest/globals";
import { createAgents } from "@pullwright/agents";
import type { Priority, WorkflowDefinition } from "@pullwright/domain";
import type {
  ClaimedPhase,
  DispatchRules,
  Repository,
} from "@pullwright/persistence";
import { loadConfig } from "@pullwright/platform";
import {
  migrateDatabase,
  openRuntime,
  type Runtime,
} from "@pullwright/runtime";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  until,
} from "@pullwright/testing";
import { Agents } from "./agent/agents.js";
import { Turns } from "./turns.js";

/** Two agents take turns in it. */
const workflow: WorkflowDefinition = {
  name: "pair",
  version: 1,
  description: "Two phases.",
  start: "base",
  phases: [
    {
      name: "plan",
      kind: "agent",
      writes: "plan",
      agent: "claude",
      timeoutMinutes: 5,
      stallMinutes: 5,
    },
    {
      name: "build",
      kind: "agent",
      writes: "code",
      agent: "codex",
      timeoutMinutes: 5,
      stallMinutes: 5,
    },
  ],
};
const unlimited: DispatchRules = {
  maxPhases: null,
  maxPerAgent: null,
  defaultAgent: "claude",
  ageingMs: 3_600_000,
};

let runtime: Runtime;
let repository: Repository;
let close: () => Promise<void>;
const heard: string[] = [];
let issues = 0;

beforeAll(async () => {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  const database = await createTestDatabase({
    template: "pullwright_with_queue",
  });
  runtime = await openRuntime(
    "agent-runner",
    loadConfig({ DATABASE_URL: database.url, LOG_LEVEL: "fatal" }),
  );
  repository = await runtime.stores.repositories.upsert({
    githubId: 1,
    owner: "acme",
    name: "shop",
    defaultBranch: "main",
  });
  runtime.queues.work(
    "phases",
    {
      "phase.queued": ({ phaseRunId }) =>
        Promise.resolve(void heard.push(phaseRunId)),
    },
    { concurrency: 1 },
  );
  close = async () => {
    await runtime.shutdown.run("the spec ends");
    await database.drop();
  };
});
afterEach(async () => {
  await runtime.database.pool.query("DELETE FROM workflow_runs");
  heard.length = 0;
});
afterAll(() => close());

const agents = new Agents(
  createAgents({
    host: { searchPath: "", sandboxed: false, runsAsRoot: false },
    claude: { path: "claude" },
    codex: { path: "codex" },
  }),
  {
    defaultAgent: "claude",
    defaultModel: undefined,
    credentialOf: () => null,
    windows: new Map(),
    prices: new Map(),
  },
);
const turns = (rules: Partial<DispatchRules> = {}) =>
  new Turns(runtime, agents, { ...unlimited, ...rules });

/** Queues a run that nobody rings for; the id of its first phase. */
async function queued(priority: Priority = "normal"): Promise<string> {
  issues += 1;
  const made = await runtime.stores.creation.create({
    repository,
    baseBranch: "main",
    workflow,
    limits: { maxActiveMs: 3_600_000, maxUsd: null, maxFixRounds: 1 },
    issueNumber: issues,
    snapshot: {
      title: "Totals are wrong",
      body: "",
      labels: [],
      author: "ada",
      comments: [],
    },
    cause: `label:${issues.toString()}`,
    triggeredBy: "ada",
    triggerSource: "label",
    agent: null,
    model: null,
    priority,
  });
  const id = made.kind === "created" ? made.run.phaseRows[0]?.id : undefined;
  if (id === undefined) throw new Error(`the run is ${made.kind}`);
  return id;
}

async function claim(phaseRunId: string): Promise<ClaimedPhase> {
  const claimed = await runtime.stores.attempts.claim({
    phaseRunId,
    owner: "runner-1",
    leaseMs: 60_000,
    workersOf: (run, phase) => agents.workersOf(run, phase),
  });
  if (claimed === null) throw new Error("the phase was not claimed");
  return claimed;
}

/** Longer than somebody with a free slot needs to begin it. */
const passSeconds = () =>
  runtime.database.pool.query(
    "UPDATE phase_runs SET available_at = available_at - interval '5 seconds' WHERE status = 'queued'",
  );

/** Expects what was rung for so far: a ring of our own is heard after all that came before it. */
async function rings(ids: readonly string[]) {
  const last = randomUUID();
  await runtime.queues.ring("phase.queued", {
    v: 1,
    phaseRunId: last,
    fence: 1,
  });
  await until(() => heard.includes(last), "the last ring is heard");
  expect(heard).toEqual([...ids, last]);
  heard.pop();
}

describe("a runner that was rung", () => {
  it("begins what was rung where nobody comes first, and rings for nobody", async () => {
    const only = await queued();
    expect(await turns().next(only, 1)).toMatchObject({ phaseRunId: only });
    await rings([]);
  });

  it("begins who comes first, and has its ring stand for the one that was rung", async () => {
    const rung = await queued();
    const urgent = await queued("high");
    expect(await turns().next(rung, 1)).toMatchObject({ phaseRunId: urgent });
    await rings([urgent]);
    // Whoever hears that ring finds the other one, which still waits.
    expect(await turns().next(urgent, 1)).toMatchObject({ phaseRunId: rung });
    await rings([urgent, rung]);
  });

  it("begins nothing where a limit holds everything back", async () => {
    await claim(await queued());
    const held = await queued();
    expect(await turns({ maxPhases: 1 }).next(held, 1)).toBeNull();
    await rings([]);
  });
});

describe("a runner at the end of a phase", () => {
  it("stays with its run while nobody waits, or only who has just come", async () => {
    const claimed = await claim(await queued());
    expect(await turns().mayStay(claimed)).toBe(true);
    await queued("high");
    expect(await turns().mayStay(claimed)).toBe(true);
  });

  it("yields to who waits with a higher priority, and to nobody of its own", async () => {
    const claimed = await claim(await queued());
    await queued();
    await passSeconds();
    expect(await turns().mayStay(claimed)).toBe(true);
    await queued("high");
    await passSeconds();
    expect(await turns().mayStay(claimed)).toBe(false);
  });

  it("asks anew for a slot of another agent where agents have limits", async () => {
    const claimed = await claim(await queued());
    expect(await turns({ maxPerAgent: 2 }).mayStay(claimed)).toBe(false);
    expect(await turns({ maxPhases: 2 }).mayStay(claimed)).toBe(true);
  });
});

describe("a slot that gets free", () => {
  it("is passed on to who may begin now, where slots are counted", async () => {
    const waiting = await queued();
    await turns({ maxPhases: 1 }).passOn();
    await rings([waiting]);
  });

  it("is passed on to nobody while every slot is in use, or where none is counted", async () => {
    await claim(await queued());
    await queued();
    await turns({ maxPhases: 1 }).passOn();
    await turns().passOn();
    await rings([]);
  });

  it("is passed on once its run has gone on with another agent", async () => {
    const first = await claim(await queued());
    const waiting = await queued();
    const limited = turns({ maxPerAgent: 1 });
    const { attempt } = first;
    await limited.stayed(attempt, attempt);
    await rings([]);
    const worker = { agent: "codex", model: null, credential: null };
    await runtime.database.pool.query(
      "UPDATE attempts SET agent = 'codex' WHERE id = $1",
      [attempt.attemptId],
    );
    await limited.stayed(attempt, { ...attempt, worker });
    await rings([waiting]);
  });
});
