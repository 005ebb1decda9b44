import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../../__fixtures__/stores-on-a-clone.js";
import type { DoneBy } from "../audit-note.js";
import type { LoadedRun } from "../run-record.js";
import type { RetentionPolicy } from "./outdated.js";
import type { Sweep } from "./retention.js";

let sut: StoresUnderTest;
beforeEach(async () => {
  sut = await storesOnAClone();
});
afterEach(() => sut.close());

const DAY_MS = 86_400_000;
const keepAll: RetentionPolicy = {
  logDays: 0,
  transcriptDays: 0,
  deliveryDays: 0,
  runDays: 0,
  auditDays: 0,
};
const by: DoneBy = { actor: "spec", source: "retention" };
const never = new AbortController().signal;

const sweep = (policy: Partial<RetentionPolicy>): Promise<Sweep> =>
  sut.stores.retention.sweep({ ...keepAll, ...policy }, by, never);
const survey = (policy: Partial<RetentionPolicy>) =>
  sut.stores.retention.survey({ ...keepAll, ...policy });

async function sql<Row extends object>(
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await sut.database.pool.query<Row>(text, values)).rows;
}
const count = async (table: string, where = "true"): Promise<number> => {
  const [row] = await sql<{ n: number }>(
    `SELECT count(*)::int AS n FROM ${table} WHERE ${where}`,
  );
  return row?.n ?? -1;
};

const status = { ended: "completed", open: "running" } as const;

/** A run of some days ago with an attempt, two messages, a call, an artifact and three lines. */
async function aRun(
  daysAgo: number,
  state: keyof typeof status,
  endedDaysAgo = daysAgo,
): Promise<LoadedRun> {
  const { stores } = sut;
  const day = new Date(Date.now() - daysAgo * DAY_MS);
  const endedAt = new Date(Date.now() - endedDaysAgo * DAY_MS);
  await stores.ensureLogPartitions(day);
  const run = await sut.createRun();
  const { attempt } = await sut.claimed(run);
  await sql(
    "UPDATE log_heads SET run_day = ($2::timestamptz AT TIME ZONE 'utc')::date WHERE workflow_run_id = $1",
    [run.id, day],
  );
  await sql(
    "UPDATE workflow_runs SET run_day = ($2::timestamptz AT TIME ZONE 'utc')::date, created_at = $2, completed_at = $4, status = $3 WHERE id = $1",
    [run.id, day, status[state], state === "ended" ? endedAt : null],
  );
  await stores.transcripts.add(attempt, {
    messages: [
      { role: "user", content: "hello" },
      { role: "assistant", content: "done" },
    ],
    calls: [
      {
        model: "m",
        promptTokens: 1,
        completionTokens: 1,
        costUsd: 0.1,
        status: "success",
      },
    ],
  });
  await stores.artifacts.keep(attempt, {
    kind: "plan",
    name: "plan.md",
    contentType: "text/markdown",
    content: "# Plan",
  });
  const line = { at: day, level: "INFO", message: "line" } as const;
  await stores.logs.append({ ...attempt, adwId: run.adwId, phase: "plan" }, [
    line,
    line,
    line,
  ]);
  const of = "conversation_id = $1";
  const { attemptId } = attempt;
  await sql(`UPDATE messages SET created_at = $2 WHERE ${of}`, [
    attemptId,
    day,
  ]);
  await sql(`UPDATE llm_calls SET "timestamp" = $2 WHERE ${of}`, [
    attemptId,
    day,
  ]);
  await sql("UPDATE artifacts SET created_at = $2 WHERE attempt_id = $1", [
    attemptId,
    day,
  ]);
  return run;
}

describe("retention", () => {
  test("keeps everything unless it is told otherwise", async () => {
    await aRun(4_000, "ended");
    expect(await sweep({})).toEqual({ removed: {}, failed: [], isDone: true });
    expect(await survey({})).toEqual({});
  });

  test("drops whole days of logs, and keeps the day of a run that is still open or ended a short while ago", async () => {
    const old = await aRun(40, "ended", 31);
    const waiting = await aRun(50, "open");
    const blocked = await aRun(60, "ended", 29);
    const young = await aRun(10, "ended");
    // The partitions of the two days after each were made along with it.
    expect(await survey({ logDays: 30 })).toEqual({
      log_days: 7,
      log_lines: 0,
    });
    expect(await sweep({ logDays: 30 })).toEqual({
      removed: { log_days: 7 },
      failed: [],
      isDone: true,
    });
    const linesOf = async ({ id }: LoadedRun) =>
      (await sut.stores.logs.page(id, { after: 0, limit: 10 })).length;
    expect(await linesOf(old)).toBe(0);
    expect(await linesOf(waiting)).toBe(3);
    expect(await linesOf(blocked)).toBe(3);
    expect(await linesOf(young)).toBe(3);
    expect(await sut.stores.runs.byId(old.id)).not.toBeNull();
  });

  test("puts a day off whose lines somebody reads, and takes it the next time", async () => {
    await aRun(40, "ended");
    const reader = await sut.database.pool.connect();
    await reader.query("BEGIN");
    await reader.query("SELECT count(*) FROM workflow_logs");
    expect((await sweep({ logDays: 39 })).removed).toEqual({});
    await reader.query("COMMIT");
    reader.release();
    expect((await sweep({ logDays: 39 })).removed).toEqual({ log_days: 1 });
  });

  test("removes lines that have no day of their own", async () => {
    const run = await aRun(40, "ended");
    await sweep({ logDays: 30 });
    await sut.stores.logs.note({ runId: run.id, adwId: run.adwId }, [
      { at: new Date(), level: "INFO", message: "retried" },
      { at: new Date(Date.now() - 35 * DAY_MS), level: "INFO", message: "old" },
    ]);
    expect((await sweep({ logDays: 30 })).removed).toEqual({ log_lines: 1 });
  });

  test("removes the transcripts of ended runs and leaves the runs", async () => {
    const old = await aRun(100, "ended");
    await aRun(100, "open");
    await aRun(10, "ended");
    const expected = { messages: 2, llm_calls: 1, artifacts: 1 };
    expect(await survey({ transcriptDays: 90 })).toEqual(expected);
    expect(await sweep({ transcriptDays: 90 })).toEqual({
      removed: expected,
      failed: [],
      isDone: true,
    });
    expect(await count("messages")).toBe(4);
    expect(await sut.stores.runs.byId(old.id)).not.toBeNull();
    expect((await sweep({ transcriptDays: 90 })).removed).toEqual({});
  });

  test("empties old deliveries, and a replay of one is still known", async () => {
    const { deliveries } = sut.stores;
    const deliver = (guid: string) =>
      deliveries.record({
        source: "webhook",
        guid,
        event: "issues",
        action: "labeled",
        repositoryId: 42,
        repositoryFullName: "acme/shop",
        payload: "{}",
      });
    const ids: string[] = [];
    for (const guid of ["a", "b", "c", "open"])
      ids.push((await deliver(guid)).id);
    for (const id of ids.slice(0, 3))
      await deliveries.settle(id, { verdict: "ignored", reason: "spec" });
    await sql("UPDATE deliveries SET received_at = now() - interval '40 days'");
    await deliver("young");
    expect(await survey({ deliveryDays: 30 })).toEqual({
      payloads: 3,
      replies: 0,
    });
    expect((await sweep({ deliveryDays: 30 })).removed).toEqual({
      payloads: 3,
    });
    expect(await count("deliveries", "payload <> ''")).toBe(2);
    expect(await deliver("a")).toEqual({ kind: "duplicate", id: ids[0] });
    expect((await sweep({ deliveryDays: 30 })).removed).toEqual({});
    // The mark waits for what is still open.
    await deliveries.settle(ids[3] ?? "", { verdict: "ignored", reason: "x" });
    expect((await sweep({ deliveryDays: 30 })).removed).toEqual({
      payloads: 1,
    });
  });

  test("empties old answers that were given, and their causes stay settled", async () => {
    const { effects, deliveries } = sut.stores;
    for (const key of ["given", "young", "due"])
      await effects.reply({
        repositoryId: sut.repository.id,
        issueNumber: 7,
        key,
        body: "This issue has no run yet.",
      });
    await sql(
      "UPDATE effects SET status = 'done', applied_rev = desired_rev WHERE target <> 'reply:due'",
    );
    await sql(
      "UPDATE effects SET updated_at = now() - interval '40 days' WHERE target <> 'reply:young'",
    );
    expect((await sweep({ deliveryDays: 30 })).removed).toEqual({ replies: 1 });
    expect(await count("effects", "desired IS NULL")).toBe(1);
    for (const cause of ["given", "due"])
      expect(await deliveries.settledCause(cause)).toEqual({ runId: null });
    expect((await sweep({ deliveryDays: 30 })).removed).toEqual({});
  });

  test("removes ended runs with all that hangs on them, but neither their causes nor their history", async () => {
    const old = await aRun(400, "ended");
    await aRun(400, "open");
    await aRun(10, "ended");
    expect(await survey({ runDays: 365 })).toEqual({ runs: 1 });
    expect((await sweep({ runDays: 365 })).removed).toEqual({ runs: 1 });
    expect(await sut.stores.runs.byId(old.id)).toBeNull();
    for (const table of ["attempts", "messages", "artifacts"])
      expect([table, await count(table)]).toEqual([
        table,
        table === "messages" ? 4 : 2,
      ]);
    expect(await count("work_items", "title = ''")).toBe(1);
    const history = await sut.stores.audit.page({ adwId: old.adwId }, null, 9);
    expect(history.map(({ action }) => action)).toEqual([
      "run.deleted",
      "run.phase_claimed",
      "run.triggered",
    ]);
    expect(await sut.stores.deliveries.settledCause(old.cause)).toEqual({
      runId: old.id,
    });
  });

  test("removes old history, and of what started or moved a run leaves the bare cause", async () => {
    const old = await aRun(400, "ended");
    const waiting = await aRun(400, "open");
    const young = await aRun(10, "ended");
    await agedBy("run_events", 400, `workflow_run_id <> '${young.id}'`);
    await agedBy("audit_events", 400);
    expect(await survey({ auditDays: 365 })).toEqual({
      run_events: 2,
      audit_events: 1,
    });
    expect((await sweep({ auditDays: 365 })).removed).toEqual({
      run_events: 2,
      audit_events: 1,
    });
    const left = await sut.stores.audit.page({}, null, 20);
    expect(left.map(({ adwId }) => adwId)).not.toContain(old.adwId);
    expect(left.map(({ adwId }) => adwId)).toContain(waiting.adwId);
    expect(await sut.stores.deliveries.settledCause(old.cause)).toEqual({
      runId: old.id,
    });
    expect((await sweep({ auditDays: 365 })).removed).toEqual({});
    await expect(sql("DELETE FROM run_events")).rejects.toThrow("append-only");
  });

  test("notes what it removed, and who let it", async () => {
    await aRun(100, "ended");
    await sweep({ transcriptDays: 90 });
    const noted = await sut.stores.audit.page(
      { action: "retention.removed" },
      null,
      10,
    );
    expect(noted.map(({ details }) => details)).toEqual([
      { kind: "artifacts", count: 1, older_than_days: 90 },
      { kind: "llm_calls", count: 1, older_than_days: 90 },
      { kind: "messages", count: 2, older_than_days: 90 },
    ]);
    expect(noted[0]).toMatchObject({ actor: "spec", source: "retention" });
  });

  test("goes on with the other kinds where one cannot be removed, tells which, and takes it the next time", async () => {
    await aRun(400, "ended");
    await sql(
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk trouble'; END $$`,
    );
    await sql(
      "CREATE TRIGGER refuse BEFORE DELETE ON messages EXECUTE FUNCTION refuse()",
    );
    const policy = { runDays: 365, transcriptDays: 90 };
    const told = await sweep(policy);
    expect(told).toMatchObject({
      removed: { llm_calls: 1, artifacts: 1 },
      isDone: false,
    });
    expect(told.failed.map(({ message }) => message)).toEqual([
      "runs: disk trouble",
      "messages: disk trouble",
    ]);
    const noted = await sut.stores.audit.page(
      { action: "retention.removed" },
      null,
      10,
    );
    expect(noted.map(({ details }) => details["kind"])).toEqual([
      "artifacts",
      "llm_calls",
    ]);
    await sql("DROP TRIGGER refuse ON messages");
    expect(await sweep(policy)).toEqual({
      removed: { runs: 1 },
      failed: [],
      isDone: true,
    });
  });

  test("may be broken off at any time and goes on the next time", async () => {
    const run = await aRun(100, "ended");
    await sql(
      `INSERT INTO messages (conversation_id, role, content, created_at)
       SELECT a.id, 'user', 'x', now() - interval '100 days' FROM attempts a, generate_series(1, 2500) WHERE a.workflow_run_id = $1`,
      [run.id],
    );
    const ending = new AbortController();
    const policy = { ...keepAll, transcriptDays: 90 };
    const broken = sut.stores.retention.sweep(policy, by, ending.signal);
    ending.abort();
    const first = await broken;
    expect(first.isDone).toBe(false);
    expect(first.removed["messages"]).toBeLessThanOrEqual(1_000);
    const rest = await sweep({ transcriptDays: 90 });
    expect(rest.isDone).toBe(true);
    expect(
      (first.removed["messages"] ?? 0) + (rest.removed["messages"] ?? 0),
    ).toBe(2_502);
  });
});

/** The one way to make history older in a spec: the way that retention itself may change it. */
async function agedBy(
  table: string,
  days: number,
  where = "true",
): Promise<void> {
  await sut.database.transaction(async (client) => {
    await client.query("SET LOCAL pullwright.retention = 'on'");
    await client.query(
      `UPDATE ${table} SET created_at = now() - interval '${days.toString()} days' WHERE ${where}`,
    );
  });
}
