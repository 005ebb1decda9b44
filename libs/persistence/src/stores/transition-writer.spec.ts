import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { PhaseResult } from "@pullwright/domain";
import {
  runner,
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { ClaimedPhase, Claimer, FinishAnswer } from "./attempts.js";
import { toLogBatch } from "./log-batch.js";

const MANY = 24;
const claimer: Claimer = {
  ...runner,
  leaseMs: 3_600_000,
  workersOf: () => [{ agent: "codex", model: null, credential: "codex:1" }],
};

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

/** What the runs' n-th one has of its own in each place that takes text. */
const awkward = (n: number): string =>
  `run ${n}: "quoted", {a,b}, back\\slash, NULL, 'one', ✓\nline two`;

const result = (n: number): PhaseResult => ({
  outcome: "succeeded",
  summary: awkward(n),
  usage: {
    inputTokens: 100 + n,
    outputTokens: n,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: n === 3 ? null : n / 100,
  },
  handoff: { contentMd: awkward(n), metadata: { n, text: awkward(n) } },
});

async function newRuns(count: number): Promise<string[]> {
  const phases: string[] = [];
  while (phases.length < count) {
    const { phaseRows } = await sut.createRun();
    phases.push(phaseRows[0]?.id ?? "");
  }
  return phases;
}

async function claim(phaseRunId: string): Promise<ClaimedPhase> {
  const claimed = await sut.stores.attempts.claim({ phaseRunId, ...claimer });
  if (claimed === null) throw new Error("not claimed");
  return claimed;
}

const finish = (
  { attempt, workItem }: ClaimedPhase,
  n: number,
  change: Partial<PhaseResult> = {},
): Promise<FinishAnswer> =>
  sut.stores.attempts.finish(
    attempt,
    { ...result(n), ...change } as PhaseResult, // As one of its kinds.
    {},
    toLogBatch([
      { at: new Date(0), level: "INFO", message: awkward(n) },
      {
        at: new Date(1),
        level: "WARNING",
        message: `of ${n}`,
        ...(n % 2 === 0 ? { context: { text: awkward(n) } } : {}),
      },
    ]),
    { ...claimer, workItem },
  );

/** All that stands of a run, but for names that differ from run to run and for moments. */
async function standing(runId: string): Promise<unknown> {
  const { rows } = await sut.database.pool.query(
    `SELECT to_jsonb(r) - '{id,adw_id,cause,work_item_id,issue_number,branch_name,active_ms,created_at,updated_at,started_at,run_day}'::text[] AS run,
            (SELECT jsonb_agg(jsonb_build_array(p.position, p.status, p.fence, p.owner, p.lease_until > now() + interval '50 minutes', p.result, p.rung_at IS NULL, p.started_at IS NULL, p.completed_at IS NULL) ORDER BY p.position)
               FROM phase_runs p WHERE p.workflow_run_id = r.id) AS phases,
            (SELECT jsonb_agg(jsonb_build_array(p.position, a.fence, a.owner, a.agent, a.model, a.status, a.outcome, a.message, a.input_tokens, a.output_tokens, a.cost_usd) ORDER BY p.position)
               FROM attempts a JOIN phase_runs p ON p.id = a.phase_run_id WHERE a.workflow_run_id = r.id) AS attempts,
            (SELECT jsonb_agg(jsonb_build_array(e.type, e.execution, e.actor, e.payload) ORDER BY e.seq) FROM run_events e WHERE e.workflow_run_id = r.id) AS events,
            (SELECT jsonb_agg(jsonb_build_array(x.number, x.status, x.total_tokens, x.total_cost)) FROM executions x WHERE x.workflow_run_id = r.id) AS executions,
            (SELECT jsonb_agg(jsonb_build_array(f.kind, f.status, f.repository_id, f.issue_number = r.issue_number, f.target = 'run:' || r.id || ':' || f.kind) ORDER BY f.kind) FROM effects f WHERE f.workflow_run_id = r.id) AS effects,
            (SELECT jsonb_agg(jsonb_build_array(l.seq, p.position, l."timestamp", l.level, l.message, l.context) ORDER BY l.seq)
               FROM workflow_logs l JOIN phase_runs p ON p.id = l.phase_run_id WHERE l.workflow_run_id = r.id) AS logs,
            (SELECT jsonb_agg(jsonb_build_array(l.phase, l.agent, l.cost_usd, l.tokens, l.settled_at IS NULL, l.labels, l.adw_id = r.adw_id) ORDER BY l.phase) FROM ledger l WHERE l.workflow_run_id = r.id) AS ledger,
            (SELECT jsonb_agg(jsonb_build_array(p.position, h.content_md, h.metadata_json)) FROM handoffs h JOIN phase_runs p ON p.id = h.phase_run_id WHERE h.workflow_run_id = r.id) AS handoffs
       FROM workflow_runs r WHERE r.id = $1`,
    [runId],
  );
  return rows[0];
}

/** In how many commits the runs' first phases were ended: Postgres keeps with every row which one made it. */
async function commits(claimed: readonly ClaimedPhase[]): Promise<number> {
  const { rows } = await sut.database.pool.query<{ count: number }>(
    "SELECT count(DISTINCT xmin::text)::int AS count FROM run_events WHERE type = 'phase_finished' AND workflow_run_id = ANY($1)",
    [claimed.map(({ run }) => run.id)],
  );
  return rows[0]?.count ?? 0;
}

describe("transitions that come at once", () => {
  it("stand as if each had come alone, though many were made in one commit", async () => {
    const alone: ClaimedPhase[] = [];
    const next: FinishAnswer[] = [];
    for (const phase of await newRuns(MANY)) {
      const claimed = await claim(phase);
      alone.push(claimed);
      next.push(await finish(claimed, alone.length));
    }
    const phases = await newRuns(MANY);
    const together = await Promise.all(phases.map(claim));
    const answers = await Promise.all(
      together.map((claimed, index) => finish(claimed, index + 1)),
    );

    for (const [index, { run }] of together.entries()) {
      const expected = await standing(alone[index]?.run.id ?? "");
      expect(await standing(run.id)).toEqual(expected);
    }
    expect(JSON.stringify(await standing(together[6]?.run.id ?? ""))).toContain(
      JSON.stringify(awkward(7)).slice(1, -1),
    );
    // Each answer is about its own run.
    for (const [index, answer] of answers.entries()) {
      if (answer.kind !== "applied") throw new Error(answer.kind);
      const runId = together[index]?.run.id;
      expect(answer.run.id).toBe(runId);
      expect(answer.next?.attempt.runId).toBe(runId);
      expect(answer.saved.firstLine).toBe(
        next[index]?.kind === "applied" ? next[index].saved.firstLine : -1,
      );
      const { rows } = await sut.database.pool.query(
        `SELECT a.id FROM attempts a JOIN run_events e ON e.workflow_run_id = a.workflow_run_id
          WHERE a.id = $1 AND a.workflow_run_id = $2 AND e.seq = $3 AND a.status = 'live'`,
        [answer.next?.attempt.attemptId, runId, answer.saved.eventSeq],
      );
      expect(rows).toHaveLength(1);
    }
    expect(await commits(alone)).toBe(MANY);
    expect(await commits(together)).toBeLessThan(MANY / 2);
  });

  it("take no other with them when one is refused by Postgres", async () => {
    const claimed = await Promise.all((await newRuns(12)).map(claim));
    const { usage } = result(7);
    if (usage === null) throw new Error("the result has no usage");
    // More than its column holds.
    const refusedBy = { usage: { ...usage, inputTokens: 2 ** 70 } };
    const answers = await Promise.allSettled(
      claimed.map((one, index) =>
        finish(one, index, index === 7 ? refusedBy : {}),
      ),
    );
    const refused = answers.flatMap(({ status }, index) =>
      status === "rejected" ? [index] : [],
    );
    expect(refused).toEqual([7]);
    for (const [index, { run }] of claimed.entries()) {
      const now = await sut.stores.runs.byId(run.id);
      expect(now?.state.phases[0]?.status).toBe(
        index === 7 ? "running" : "succeeded",
      );
    }
  });

  it("are refused one by one where the run has moved on", async () => {
    const claimed = await Promise.all((await newRuns(12)).map(claim));
    const moved = claimed[5];
    if (moved === undefined) throw new Error("no run");
    const { runId, position, fence } = moved.attempt;
    await sut.stores.transitions.apply(runId, {
      event: { type: "attempt_lost", position, fence, message: "silent" },
      by: { actor: "orchestrator" },
    });
    const answers = await Promise.all(
      claimed.map((one, index) => finish(one, index)),
    );
    expect(
      answers.map(({ kind }, index) => (kind === "applied" ? -1 : index)),
    ).toEqual(claimed.map((_, index) => (index === 5 ? 5 : -1)));
  });

  it("begin no agent whose quota is used up, and those of others all the same", async () => {
    await sut.database.pool.query(
      "INSERT INTO breakers (credential, agent, open_until, reason) VALUES ('codex:rests', 'codex', now() + interval '1 hour', 'no more')",
    );
    const resting = () => [
      { agent: "codex", model: null, credential: "codex:rests" },
    ];
    const claimed = await Promise.all((await newRuns(12)).map(claim));
    const answers = await Promise.all(
      claimed.map(({ attempt, workItem }, n) =>
        sut.stores.attempts.finish(attempt, result(n), {}, undefined, {
          ...claimer,
          workItem,
          ...(n % 3 === 0 ? { workersOf: resting } : {}),
        }),
      ),
    );
    for (const [n, answer] of answers.entries()) {
      if (answer.kind !== "applied") throw new Error(answer.kind);
      expect(answer.run.state.phases[0]?.status).toBe("succeeded");
      expect(answer.run.state.phases[1]?.status).toBe(
        n % 3 === 0 ? "queued" : "running",
      );
      expect(answer.next === null).toBe(n % 3 === 0);
    }
  });

  it("of one run are made one after the other", async () => {
    const claimed = await Promise.all((await newRuns(8)).map(claim));
    const answers = await Promise.all(
      claimed.flatMap(({ run }) =>
        [1, 2].map((n) =>
          sut.stores.transitions.apply(run.id, {
            event: { type: "cancel_requested", by: "ada", reason: `${n}` },
            by: { actor: "ada", cause: `cancel:${run.id}:${n}` },
          }),
        ),
      ),
    );
    for (const { run } of claimed) {
      const { rows } = await sut.database.pool.query(
        "SELECT count(*)::int AS cancels FROM run_events WHERE workflow_run_id = $1 AND type = 'cancel_requested'",
        [run.id],
      );
      const applied = answers.filter(
        (answer) => answer.kind === "applied" && answer.run.id === run.id,
      );
      expect(rows).toEqual([{ cancels: applied.length }]);
      expect(applied.length).toBeGreaterThan(0);
      const now = await sut.stores.runs.byId(run.id);
      expect(now?.version).toBe(run.version + applied.length);
    }
  });
});
