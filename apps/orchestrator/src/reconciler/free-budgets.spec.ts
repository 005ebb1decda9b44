import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { DEFAULT_PRIORITY, findShippedWorkflow } from "@pullwright/domain";
import type { LoadedRun } from "@pullwright/persistence";
import {
  orchestration,
  type Orchestration,
} from "../__fixtures__/orchestration.js";
import { BudgetWaits } from "./free-budgets.js";

const DEFAULT_AGENT = "claude";

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration({ started: false });
});
afterEach(async () => {
  for (const table of ["ledger", "breakers", "workflow_runs"])
    await sut.runtime.database.pool.query(`DELETE FROM ${table}`);
});
afterAll(() => sut.close());

let issues = 0;

async function aRun(agentRoute: readonly string[] = []): Promise<LoadedRun> {
  const workflow = findShippedWorkflow("adw_plan");
  if (workflow === undefined) throw new Error("adw_plan is not shipped");
  issues += 1;
  const made = await sut.runtime.stores.creation.create({
    repository: sut.repository,
    baseBranch: "main",
    workflow,
    limits: { maxActiveMs: 3_600_000, maxUsd: null, maxFixRounds: 3 },
    issueNumber: issues,
    snapshot: {
      title: "x",
      body: "x",
      labels: [],
      author: "ada",
      comments: [],
    },
    cause: `label:1:${issues.toString()}`,
    triggeredBy: "ada",
    triggerSource: "label",
    agent: null,
    model: null,
    agentRoute,
    priority: DEFAULT_PRIORITY,
  });
  if (made.kind !== "created") throw new Error(made.kind);
  return made.run;
}

const phaseOf = ({ phaseRows }: LoadedRun) => phaseRows[0]?.id ?? "";

/** Somebody's attempt of that day, in US dollars. */
const attempt = (daysAgo: number, phase: string, agent: string, usd: number) =>
  sut.runtime.database.pool.query(
    `INSERT INTO ledger (attempt_id, day, workflow_run_id, adw_id, execution, phase, repository_id, work_item_id, agent, cost_usd, settled_at)
     VALUES (gen_random_uuid(), (now() AT TIME ZONE 'utc')::date - $1::int, gen_random_uuid(), 'earlier', 1, $2, $3, gen_random_uuid(), $4, $5, now())`,
    [daysAgo, phase, sut.repository.id, agent, usd],
  );

/** What each agent took to classify, and a day's budget that has two dollars left. */
async function prices(costs: Readonly<Record<string, number>>): Promise<void> {
  for (const [agent, usd] of Object.entries(costs))
    await attempt(1, "classify", agent, usd);
  await attempt(0, "build", "claude", 8);
  await budget(10);
}

const budget = (usd: number) =>
  sut.runtime.stores.budgets.put(
    { scope: "day", key: "*", repositoryId: null },
    { usd, tokens: null },
    "api:ada",
  );

/** Whether a runner can begin the run's phase with the first of these agents that it may ask. */
const begins = async (run: LoadedRun, agents: readonly string[]) =>
  (await sut.runtime.stores.attempts.claim({
    phaseRunId: phaseOf(run),
    owner: "runner-1",
    leaseMs: 60_000,
    workersOf: () =>
      agents.map((agent) => ({ agent, model: null, credential: `${agent}:1` })),
  })) !== null;

const waitOf = async ({ id }: LoadedRun) =>
  (await sut.run(id)).state.waiting?.reason ?? null;

const freed = async () => {
  const waits = new BudgetWaits(sut.runtime.stores, DEFAULT_AGENT);
  return (await waits.freed()).map(({ id }) => id);
};

test("a run waits on while its own agent finds no room, however cheap the others are", async () => {
  await prices({ claude: 5, codex: 0.1, gemini: 0.1 });
  const [byDefault, routed] = [await aRun(), await aRun(["claude", "codex"])];
  for (const run of [byDefault, routed]) {
    expect(await begins(run, ["claude"])).toBe(false);
    expect(await waitOf(run)).toBe("budget");
    expect(await freed()).toEqual([]);
  }
  await budget(20);
  expect(await freed()).toHaveLength(1);
});

test("a run goes on when its own agent finds room, however dear the others are", async () => {
  await prices({ claude: 5, codex: 0.1 });
  await budget(8);
  const run = await aRun(["codex"]);
  expect(await begins(run, ["codex"])).toBe(false);
  await budget(10);
  expect(await freed()).toEqual([run.id]);
});

test("a run waits on while the agent that stands in for a resting one finds no room", async () => {
  await prices({ claude: 0.1, codex: 5 });
  await sut.runtime.database.pool.query(
    "INSERT INTO breakers (credential, agent, open_until, reason) VALUES ('claude:1', 'claude', now() + interval '1 hour', 'used up')",
  );
  const run = await aRun(["claude", "codex"]);
  expect(await begins(run, ["claude", "codex"])).toBe(false);
  expect(await waitOf(run)).toBe("budget");
  expect(await freed()).toEqual([]);
  await sut.runtime.database.pool.query("DELETE FROM breakers");
  expect(await freed()).toEqual([run.id]);
});
