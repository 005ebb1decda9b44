import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  aTrigger,
  shipped,
  storesOnAClone,
  succeeded,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { LoadedRun } from "./run-record.js";

const LEASE_MS = 60_000;
let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

function queuedPhase(run: LoadedRun): string {
  const phase = run.phaseRows.find(
    (candidate) => candidate.status === "queued",
  );
  if (phase === undefined) throw new Error("nothing is queued");
  return phase.id;
}

async function reloaded(run: LoadedRun): Promise<LoadedRun> {
  const found = await sut.stores.runs.byId(run.id);
  if (found === null) throw new Error("the run is gone");
  return found;
}

describe("a run in Postgres", () => {
  it("pins no definition that is none", async () => {
    const workflow = { ...shipped("adw_plan"), phases: [] };
    await expect(sut.createRun({ workflow })).rejects.toThrow(
      /must have at least one phase/,
    );
  });

  it("is made once for a cause, and rings its first phase", async () => {
    const trigger = aTrigger(sut.repository);
    const first = await sut.stores.creation.create(trigger);
    const second = await sut.stores.creation.create(trigger);
    expect(first).toMatchObject({
      kind: "created",
      run: { state: { status: "pending" } },
    });
    if (first.kind !== "created") return;
    expect(first.doorbells).toContainEqual({
      name: "phase.queued",
      payload: { v: 1, phaseRunId: queuedPhase(first.run), fence: 0 },
    });
    expect(second).toMatchObject({
      kind: "cause_known",
      run: { adwId: first.run.adwId },
    });
  });

  it("is the only live one of its work item, also when twenty triggers race", async () => {
    const trigger = aTrigger(sut.repository);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        sut.stores.creation.create({
          ...trigger,
          cause: `${trigger.cause}:${n}`,
        }),
      ),
    );
    expect(answers.filter((answer) => answer.kind === "created")).toHaveLength(
      1,
    );
    expect(
      answers.filter((answer) => answer.kind === "work_item_busy"),
    ).toHaveLength(19);
  });

  it("goes through its phases, each queued by the end of the one before", async () => {
    const run = await sut.createRun();
    const seen: string[] = [];
    for (let current = run; ; current = await reloaded(run)) {
      if (!current.phaseRows.some((phase) => phase.status === "queued")) break;
      const claim = await sut.claimed(current);
      seen.push(claim.phase.definition.name);
      const answer = await sut.stores.attempts.finish(claim.attempt, succeeded);
      expect(answer.kind).toBe("applied");
    }
    expect(seen).toEqual(["classify", "plan", "build", "test"]);
    const publishing = await reloaded(run);
    expect(publishing.state.phases.at(-1)).toMatchObject({
      status: "running",
      definition: { name: "publish" },
    });

    const done = await sut.stores.transitions.apply(run.id, {
      event: { type: "published", pullRequestUrl: "https://example.test/1" },
      by: { actor: "orchestrator" },
      extras: { pullRequestNumber: 1 },
    });
    expect(done).toMatchObject({
      kind: "applied",
      run: { state: { status: "completed", outcome: "pull_request" } },
    });
    expect(await reloaded(run)).toMatchObject({
      pullRequestNumber: 1,
      state: { endedAt: expect.any(Date) },
    });
  });

  it("gives a phase to one of many claimants", async () => {
    const run = await sut.createRun();
    const phaseRunId = queuedPhase(run);
    const claims = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        sut.stores.attempts.claim({
          phaseRunId,
          owner: `runner-${n}`,
          leaseMs: LEASE_MS,
        }),
      ),
    );
    expect(claims.filter((claim) => claim !== null)).toHaveLength(1);
  });

  it("takes no result, log or heartbeat from an owner whose fence has moved on", async () => {
    const run = await sut.createRun();
    const stale = await sut.claimed(run, { owner: "runner-1" });
    const { position, fence } = stale.attempt;
    await sut.stores.transitions.apply(run.id, {
      event: { type: "attempt_lost", position, fence, message: "silent" },
      by: { actor: "orchestrator" },
    });
    await sut.database.pool.query(
      "UPDATE phase_runs SET available_at = now() WHERE workflow_run_id = $1",
      [run.id],
    );
    const fresh = await sut.claimed(await reloaded(run), { owner: "runner-2" });
    expect(fresh.attempt.fence).toBe(fence + 1);

    const line = { at: new Date(), level: "INFO", message: "late" } as const;
    const late = { ...stale.attempt, adwId: run.adwId, phase: "classify" };
    expect(
      await sut.stores.attempts.heartbeat(stale.attempt, LEASE_MS),
    ).toEqual({ kind: "lost" });
    expect(await sut.stores.logs.append(late, [line])).toBeNull();
    expect(
      await sut.stores.attempts.prepare(
        stale.attempt,
        "a".repeat(40),
        succeeded,
      ),
    ).toBe(false);
    expect(
      await sut.stores.attempts.finish(stale.attempt, succeeded),
    ).toMatchObject({ kind: "refused", reason: "stale_fence" });
    expect(
      await sut.stores.attempts.heartbeat(fresh.attempt, LEASE_MS),
    ).toMatchObject({ kind: "held" });
    expect(
      await sut.stores.attempts.finish(fresh.attempt, succeeded),
    ).toMatchObject({ kind: "applied" });
  });

  it("shows the next owner what the lost one had prepared", async () => {
    const run = await sut.createRun();
    const first = await sut.claimed(run);
    expect(
      await sut.stores.attempts.prepare(
        first.attempt,
        "b".repeat(40),
        succeeded,
      ),
    ).toBe(true);
    const { position, fence } = first.attempt;
    await sut.stores.transitions.apply(run.id, {
      event: { type: "attempt_lost", position, fence, message: "killed" },
      by: { actor: "orchestrator" },
    });
    await sut.database.pool.query(
      "UPDATE phase_runs SET available_at = now() WHERE workflow_run_id = $1",
      [run.id],
    );
    const second = await sut.claimed(await reloaded(run));
    expect(second.prepared).toEqual({ sha: "b".repeat(40), result: succeeded });
  });

  it("tells the owner of a cancel at its next heartbeat", async () => {
    const run = await sut.createRun();
    const claim = await sut.claimed(run);
    const answer = await sut.stores.transitions.apply(run.id, {
      event: { type: "cancel_requested", by: "ada", reason: null },
      by: { actor: "ada", cause: `comment:42:${run.adwId}` },
    });
    expect(answer).toMatchObject({
      kind: "applied",
      live: expect.arrayContaining([
        expect.objectContaining({ type: "cancel.requested" }),
      ]),
    });
    expect(
      await sut.stores.attempts.heartbeat(claim.attempt, LEASE_MS),
    ).toMatchObject({ cancelRequested: true });
    await sut.stores.attempts.finish(claim.attempt, succeeded);
    expect((await reloaded(run)).state.status).toBe("cancelled");
  });

  it("takes a command once, however often it is delivered", async () => {
    const run = await sut.createRun();
    await sut.claimed(run);
    // By itself it would be taken each time.
    const addFive = () =>
      sut.stores.transitions.apply(run.id, {
        event: { type: "continue_requested", by: "ada", addUsd: 5 },
        by: { actor: "ada", cause: `comment:42:once-${run.adwId}` },
      });
    const answers = await Promise.all([addFive(), addFive(), addFive()]);
    answers.push(await addFive());
    const outcomes = answers.map((answer) =>
      answer.kind === "refused" ? answer.reason : answer.kind,
    );
    expect(outcomes.sort()).toEqual([
      "applied",
      "cause_known",
      "cause_known",
      "cause_known",
    ]);
    expect((await reloaded(run)).state.limits.maxUsd).toBe(10);
  });

  it("retries as a new execution and keeps the phases before", async () => {
    const run = await sut.createRun({ workflow: shipped("adw_plan_build") });
    const classify = await sut.claimed(run);
    await sut.stores.attempts.finish(classify.attempt, {
      ...succeeded,
      classification: "bug",
    });
    const plan = await sut.claimed(await reloaded(run));
    await sut.stores.attempts.finish(plan.attempt, {
      ...succeeded,
      commitSha: "c".repeat(40),
      planFile: "specs/x.md",
    });
    const build = await sut.claimed(await reloaded(run));
    await sut.stores.attempts.finish(build.attempt, {
      outcome: "failed",
      failureClass: "policy",
      message: "no",
      summary: "",
      usage: null,
    });
    expect((await reloaded(run)).state).toMatchObject({
      status: "failed",
      failure: { failureClass: "policy" },
    });

    const retry = await sut.stores.transitions.apply(run.id, {
      event: { type: "retry_requested", by: "ada", phase: "build" },
      by: { actor: "ada" },
      extras: { note: "try the other parser" },
    });
    expect(retry.kind).toBe("applied");
    const again = await reloaded(run);
    expect(again).toMatchObject({
      note: "try the other parser",
      state: {
        status: "pending",
        execution: 2,
        headSha: "c".repeat(40),
        failure: null,
      },
    });
    expect(
      again.state.phases.map((phase) => [
        phase.definition.name,
        phase.status,
        phase.reusedFrom,
      ]),
    ).toEqual([
      ["classify", "succeeded", 1],
      ["plan", "succeeded", 1],
      ["build", "queued", null],
      ["publish", "pending", null],
    ]);
    expect(
      (await sut.stores.runQueries.executions(run.id)).map((execution) => [
        execution.number,
        execution.status,
        execution.fromPhase,
      ]),
    ).toEqual([
      [1, "failed", null],
      [2, "pending", "build"],
    ]);
  });

  it("goes on from the work item's latest finished run where the workflow says so", async () => {
    const first = await sut.createRun({ workflow: shipped("adw_plan") });
    for (const name of ["classify", "plan"]) {
      const claim = await sut.claimed(await reloaded(first));
      expect(claim.phase.definition.name).toBe(name);
      await sut.stores.attempts.finish(
        claim.attempt,
        name === "plan"
          ? { ...succeeded, commitSha: "d".repeat(40), planFile: "specs/p.md" }
          : succeeded,
        { pushedSha: "d".repeat(40) },
      );
    }
    expect((await reloaded(first)).state).toMatchObject({
      status: "completed",
      outcome: "planned",
    });
    const next = await sut.createRun({
      workflow: shipped("adw_build"),
      issueNumber: first.issueNumber,
    });
    expect(next).toMatchObject({
      branch: first.branch,
      pushedSha: "d".repeat(40),
      state: { headSha: "d".repeat(40), planFile: "specs/p.md" },
    });
    const lone = await sut.stores.creation.create(
      aTrigger(sut.repository, { workflow: shipped("adw_test") }),
    );
    expect(lone).toEqual({ kind: "no_earlier_run" });
  });

  it("goes on from none once the latest was merged, nor from one before it on the same branch", async () => {
    const { issueNumber, branch } = await sut.createRun();
    const next = (workflow: string) =>
      sut.createRun({ workflow: shipped(workflow), issueNumber });
    const end = (more: string) =>
      sut.database.pool.query(
        `UPDATE workflow_runs SET status = 'completed', completed_at = now(), head_sha = repeat('d', 40), ${more}
          WHERE issue_number = $1 AND status = 'pending'`,
        [issueNumber],
      );
    await end("pull_request_number = NULL");
    expect((await next("adw_build")).branch).toBe(branch);
    await end("pull_request_number = 5, pull_request_merged_at = now()");
    const anew = await next("adw_build");
    expect(anew.branch).not.toBe(branch);
    expect(anew).toMatchObject({ pushedSha: null, pullRequestNumber: null });
    await end("pull_request_number = 9");
    expect(await next("adw_test")).toMatchObject({
      branch: anew.branch,
      pullRequestNumber: 9,
    });
  });
});

describe("the log of a run", () => {
  // Before the first line of today, which would keep the day in the default partition.
  beforeAll(async () => {
    await sut.stores.ensureLogPartitions(new Date());
    await sut.stores.ensureLogPartitions(new Date());
  });

  it("numbers lines without gaps while batches race, and pages by key", async () => {
    const run = await sut.createRun();
    const claim = await sut.claimed(run);
    const attempt = { ...claim.attempt, adwId: run.adwId, phase: "classify" };
    const batch = (n: number) =>
      Array.from({ length: 100 }, (_, line) => ({
        at: new Date(),
        level: "INFO" as const,
        message: `batch ${n} line ${line}\0`,
      }));
    await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        sut.stores.logs.append(attempt, batch(n)),
      ),
    );
    const seen: number[] = [];
    for (let after = 0; ;) {
      const entries = await sut.stores.logs.page(run.id, { after, limit: 333 });
      if (entries.length === 0) break;
      seen.push(...entries.map((entry) => entry.seq));
      after = entries.at(-1)?.seq ?? after;
    }
    expect(seen).toEqual(Array.from({ length: 1000 }, (_, index) => index + 1));
    const [first] = await sut.stores.logs.page(run.id, {
      after: 0,
      limit: 1,
      phase: "classify",
      level: "INFO",
    });
    expect(first).toMatchObject({ seq: 1, phase: "classify", level: "INFO" });
    expect(
      await sut.stores.logs.page(run.id, {
        after: 0,
        limit: 1,
        level: "ERROR",
      }),
    ).toEqual([]);
  });

  it("lies in the partition of the run's day when there is one", async () => {
    const run = await sut.createRun();
    const line = { at: new Date(), level: "INFO", message: "hello" } as const;
    await sut.stores.logs.note({ runId: run.id, adwId: run.adwId }, [line]);
    const { rows } = await sut.database.pool.query(
      `SELECT l.tableoid::regclass::text AS place, 'workflow_logs_' || to_char(r.created_at AT TIME ZONE 'utc', 'YYYYMMDD') AS wanted
         FROM workflow_logs l JOIN workflow_runs r ON r.id = l.workflow_run_id WHERE r.id = $1`,
      [run.id],
    );
    const [{ place, wanted }] = rows as [{ place: string; wanted: string }];
    expect(place).toBe(wanted);
  });
});
