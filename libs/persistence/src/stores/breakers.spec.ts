import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import type { PhaseFailed, PhaseResult } from "@pullwright/domain";
import {
  shipped,
  storesOnAClone,
  succeeded,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { Worker } from "./attempt-ref.js";
import type { ClaimedPhase, Claimer } from "./attempts.js";

const claude: Worker = {
  agent: "claude",
  model: "best",
  credential: "claude:1",
};
const codex: Worker = { agent: "codex", model: null, credential: "codex:1" };

const claimer = (owner: string, workers: readonly Worker[]): Claimer => ({
  owner,
  leaseMs: 60_000,
  workersOf: (_, phase) =>
    phase.definition.kind !== "agent"
      ? []
      : workers.filter(
          ({ agent }) => !phase.setbacks.some((one) => one.agent === agent),
        ),
});

const noQuota = (change: Partial<PhaseFailed> = {}): PhaseFailed => ({
  outcome: "failed",
  failureClass: "quota",
  message: "Claude's usage limit is reached.",
  summary: "",
  usage: null,
  agent: "claude",
  resumeAt: new Date(Date.now() + 3_600_000).toISOString(),
  ...change,
});

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterEach(async () => {
  await sut.database.pool.query("DELETE FROM breakers");
});
afterAll(() => sut.close());

async function queuedPhase(agentRoute: readonly string[] = []) {
  const run = await sut.createRun({
    workflow: shipped("adw_plan_build"),
    agentRoute,
  });
  return run.phaseRows[0]?.id ?? "";
}

const claim = (
  phaseRunId: string,
  workers: readonly Worker[] = [claude],
  owner = "runner-1",
) => sut.stores.attempts.claim({ phaseRunId, ...claimer(owner, workers) });

async function claimed(...asked: Parameters<typeof claim>) {
  const phase = await claim(...asked);
  if (phase === null) throw new Error("not claimed");
  return phase;
}

async function finish(
  { attempt, workItem }: ClaimedPhase,
  result: PhaseResult,
  workers: readonly Worker[] = [claude],
) {
  const next = { ...claimer(attempt.owner, workers), workItem };
  const answer = await sut.stores.attempts.finish(
    attempt,
    result,
    {},
    undefined,
    next,
  );
  if (answer.kind !== "applied") throw new Error(answer.kind);
  return answer;
}

/** Claude's quota is used up, as a phase has just found. */
async function usedUp(): Promise<ClaimedPhase> {
  const first = await claimed(await queuedPhase());
  await finish(first, noQuota());
  return first;
}

const theMomentComes = () =>
  sut.database.pool.query(
    "UPDATE breakers SET open_until = now() - interval '1 second'",
  );

const breaker = async () =>
  (await sut.stores.breakers.ofAgents(["claude"]))[0] ?? null;

async function attemptsOf(phases: readonly string[]): Promise<number> {
  const { rows } = await sut.database.pool.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM attempts WHERE phase_run_id = ANY($1::uuid[])",
    [phases],
  );
  return rows[0]?.count ?? NaN;
}

/** Several runners ask for each of the phases at the same moment. */
const allAsk = (phases: readonly string[]) =>
  Promise.all(
    phases.flatMap((id) =>
      ["a", "b", "c"].map((owner) => claim(id, [claude], owner)),
    ),
  );

it("siblings do not probe a quota that is used up: they stay queued without an attempt", async () => {
  const siblings = [await queuedPhase(), await queuedPhase()];
  await usedUp();
  siblings.push(await queuedPhase());
  expect(await allAsk(siblings)).toEqual(Array(9).fill(null));
  expect(await attemptsOf(siblings)).toBe(0);
});

it("one phase tries when the moment has come, however many ask", async () => {
  await usedUp();
  const siblings = [
    await queuedPhase(),
    await queuedPhase(),
    await queuedPhase(),
  ];
  await theMomentComes();
  const tried = (await allAsk(siblings)).flatMap((one) => one ?? []);
  expect(tried).toHaveLength(1);
  expect(tried[0]?.attempt.worker).toEqual({ ...claude, tries: true });
  expect(await attemptsOf(siblings)).toBe(1);
});

it("an answer of the provider lets everybody ask again", async () => {
  await usedUp();
  await theMomentComes();
  const one = await claimed(await queuedPhase());
  expect(await claim(await queuedPhase())).toBeNull();
  await sut.stores.breakers.close("claude:1", one.attempt.phaseRunId);
  expect(await breaker()).toBeNull();
  const next = await claimed(await queuedPhase());
  expect(next.attempt.worker).toEqual(claude);
});

it("a try in vain keeps everybody away for longer each time, whatever moment is named", async () => {
  await usedUp();
  const rests: number[] = [];
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await theMomentComes();
    const one = await claimed(await queuedPhase());
    await finish(one, noQuota({ resumeAt: new Date().toISOString() }));
    const open = (await breaker())?.openUntil.getTime() ?? NaN;
    rests.push(Math.round((open - Date.now()) / 10_000) * 10);
  }
  expect(rests).toEqual([30, 120, 480]);
});

it("the next one tries when the one that did was lost", async () => {
  await usedUp();
  await theMomentComes();
  const lost = await claimed(await queuedPhase());
  const other = await queuedPhase();
  expect(await claim(other)).toBeNull();
  await sut.database.pool.query(
    "UPDATE phase_runs SET lease_until = now() - interval '1 second' WHERE id = $1",
    [lost.attempt.phaseRunId],
  );
  await sut.database.pool.query("UPDATE breakers SET probe_until = now()");
  expect((await claimed(other)).attempt.worker?.tries).toBe(true);
});

it("a sibling takes the next agent of its route instead, and one with another key goes on", async () => {
  await usedUp();
  const other = await claimed(await queuedPhase(), [claude, codex]);
  expect(other.attempt.worker).toEqual(codex);
  const { rows } = await sut.database.pool.query(
    "SELECT agent FROM attempts WHERE id = $1",
    [other.attempt.attemptId],
  );
  expect(rows).toEqual([{ agent: "codex" }]);
  const ownKey = { ...claude, credential: "claude:2" };
  expect((await claimed(await queuedPhase(), [ownKey])).attempt.worker).toEqual(
    ownKey,
  );
});

it("a refused phase goes on with the route's next agent, and the run's history says so", async () => {
  const workers = [claude, codex];
  const first = await claimed(await queuedPhase(["claude", "codex"]), workers);
  const answer = await finish(first, noQuota(), workers);
  expect(answer.run.state.status).toBe("running");
  const second = await claimed(first.attempt.phaseRunId, workers);
  expect(second.attempt).toMatchObject({ worker: codex, fence: 2 });
  expect(second.phase.setbacks).toEqual([
    expect.objectContaining({ agent: "claude", failureClass: "quota" }),
  ]);
  const { rows } = await sut.database.pool.query(
    "SELECT payload FROM run_events WHERE workflow_run_id = $1 AND type = 'phase_finished'",
    [first.run.id],
  );
  expect(rows[0]).toMatchObject({
    payload: { agent: "claude", next_agent: "codex" },
  });
});

/** A phase that codex is to do, which rests for days: claude was refused it, and comes back earlier. */
async function waitsForCodex(): Promise<ClaimedPhase> {
  const both = [claude, codex];
  const sibling = await claimed(await queuedPhase(["codex"]), [codex]);
  const days = new Date(Date.now() + 3 * 86_400_000).toISOString();
  await finish(sibling, noQuota({ agent: "codex", resumeAt: days }), [codex]);
  const first = await claimed(await queuedPhase(["claude", "codex"]), both);
  await finish(first, noQuota(), both);
  expect(await claim(first.attempt.phaseRunId, both)).toBeNull();
  return first;
}

const claudeIsBack = async () => {
  await sut.database.pool.query(
    `UPDATE phase_runs SET setbacks = jsonb_set(setbacks, '{refused,0,resumeAt}', to_jsonb(now() - interval '1 second')) WHERE status = 'queued' AND setbacks IS NOT NULL`,
  );
  await sut.database.pool.query(
    "UPDATE breakers SET open_until = now() WHERE agent = 'claude'",
  );
};

const queuedAs = async (id: string) =>
  (
    await sut.database.pool.query<{ agents: string; available_at: Date }>(
      "SELECT agents, available_at FROM phase_runs WHERE id = $1 AND status = 'queued'",
      [id],
    )
  ).rows[0];

it("a phase that is queued for an agent that rests longer goes back to its own once that returns, and is rung for", async () => {
  const { run, attempt } = await waitsForCodex();
  const { phaseRunId } = attempt;
  const before = await queuedAs(phaseRunId);
  expect(before?.agents).toBe("codex");
  const { reconciliation, transitions } = sut.stores;
  expect(await reconciliation.elapsedWaits()).toEqual([]);
  await claudeIsBack();
  expect(await reconciliation.elapsedWaits()).toEqual([{ runId: run.id }]);
  const answer = await transitions.apply(run.id, {
    event: { type: "wait_elapsed" },
    by: { actor: "orchestrator-1" },
  });
  expect(answer).toMatchObject({
    kind: "applied",
    doorbells: expect.arrayContaining([
      { name: "phase.queued", payload: { v: 1, phaseRunId, fence: 1 } },
    ]),
  });
  expect(await queuedAs(phaseRunId)).toEqual({
    ...before,
    agents: "claude,codex",
  });
  expect(await reconciliation.elapsedWaits()).toEqual([]);
  const { rows } = await sut.database.pool.query(
    "SELECT payload FROM run_events WHERE workflow_run_id = $1 AND type = 'wait_elapsed'",
    [run.id],
  );
  expect(rows).toEqual([{ payload: { reason: "quota" } }]);
  const again = await claimed(phaseRunId, [claude, codex]);
  expect(again.attempt.worker).toEqual({ ...claude, tries: true });
});

it("a person who continues a run whose phase is queued for an agent that rests lets it try its own", async () => {
  const { run, attempt } = await waitsForCodex();
  const answer = await sut.stores.transitions.apply(run.id, {
    event: { type: "continue_requested", by: "ada", addUsd: 0 },
    by: { actor: "ada" },
  });
  expect(answer.kind).toBe("applied");
  const again = await claimed(attempt.phaseRunId, [claude, codex]);
  expect(again.attempt.worker).toEqual({ ...claude, tries: true });
});

it("a result does not take a phase along whose agent rests, and is recorded all the same", async () => {
  const working = await claimed(await queuedPhase());
  await usedUp();
  const answer = await finish(working, succeeded);
  expect(answer.next).toBeNull();
  expect(answer.run.state.phases[0]?.status).toBe("succeeded");
  expect(answer.run.state.phases[1]).toMatchObject({
    status: "queued",
    fence: 0,
  });
  expect(answer.doorbells.map(({ name }) => name)).toContain("phase.queued");
});

it("GitHub's own limit is no agent's quota", async () => {
  const { outcome, failureClass, message, summary, usage } = noQuota();
  const nobodys = { outcome, failureClass, message, summary, usage };
  await finish(await claimed(await queuedPhase()), nobodys);
  expect(await breaker()).toBeNull();
});

it("dispatch gives no phase whose agents all rest", async () => {
  await usedUp();
  await sut.database.pool.query(
    "UPDATE phase_runs SET status = 'skipped' WHERE status = 'queued'",
  );
  const rests = await queuedPhase();
  const rules = {
    maxPhases: null,
    maxPerAgent: null,
    defaultAgent: "claude",
    ageingMs: 600_000,
  };
  expect(await sut.stores.dispatch.next(rules)).toBeNull();
  const goesOn = await queuedPhase(["claude", "codex"]);
  expect((await sut.stores.dispatch.next(rules))?.phaseRunId).toBe(goesOn);
  await theMomentComes();
  expect((await sut.stores.dispatch.next(rules))?.phaseRunId).toBe(rests);
});

it("a person who continues a run that waits for quota lets its phase try before the moment", async () => {
  const phaseRunId = await queuedPhase();
  const first = await claimed(phaseRunId);
  await finish(first, noQuota());
  const sibling = await queuedPhase();
  await sut.stores.transitions.apply(first.run.id, {
    event: { type: "continue_requested", by: "ada", addUsd: 0 },
    by: { actor: "ada" },
  });
  const again = await claimed(phaseRunId);
  expect(again.attempt.worker).toMatchObject({ agent: "claude", tries: true });
  expect(await claim(sibling)).toBeNull();
});
