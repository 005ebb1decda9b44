import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { PhaseResult } from "@pullwright/domain";
import { call, refused } from "../__fixtures__/call.js";
import {
  claim,
  fail,
  finish,
  say,
  success,
  trigger,
} from "../__fixtures__/played-run.js";
import {
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

const of = (adw_id: string) => ({ params: { adw_id } });

describe("the list of runs", () => {
  test("pages by number and by cursor to the same runs, newest first", async () => {
    const made: string[] = [];
    for (let n = 0; n < 5; n += 1) made.push(await trigger(api, "adw_plan"));
    const newestFirst = made.toReversed();
    // All within one millisecond.
    await api.runtime.database.pool.query(
      `UPDATE workflow_runs SET created_at = '2026-01-02T03:04:05.678Z'::timestamptz + array_position($1, adw_id) * interval '1 microsecond'
        WHERE adw_id = ANY($1)`,
      [made],
    );
    const query = { workflow: "adw_plan", limit: 2 };
    const byNumber: string[] = [];
    for (const page of [1, 2, 3]) {
      const { body } = await call(api, "listWorkflows", {
        query: { ...query, page },
      });
      expect(body).toMatchObject({ total: 5, page, page_size: 2 });
      byNumber.push(...body.items.map(({ adw_id }) => adw_id));
    }
    expect(byNumber).toEqual(newestFirst);

    const byCursor: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const {
        body,
      }: { body: { items: { adw_id: string }[]; next_cursor: string | null } } =
        await call(api, "listWorkflows", { query: { ...query, cursor } });
      byCursor.push(...body.items.map(({ adw_id }) => adw_id));
      cursor = body.next_cursor;
    }
    expect(byCursor).toEqual(newestFirst);

    // The version before told milliseconds.
    const old = JSON.stringify([
      Date.parse("2026-01-02T03:04:05.678Z"),
      "ffffffff-ffff-4fff-bfff-ffffffffffff",
    ]);
    const { body } = await call(api, "listWorkflows", {
      query: { ...query, cursor: Buffer.from(old).toString("base64url") },
    });
    expect(body.items.map(({ adw_id }) => adw_id)).toEqual(
      newestFirst.slice(0, 2),
    );
  });

  test("filters by status, workflow type, issue and repository", async () => {
    const adw_id = await trigger(api, "adw_plan_build");
    await fail(api, adw_id);
    const run = (await call(api, "getWorkflow", of(adw_id))).body;
    const only = async (query: Record<string, string | number>) =>
      (await call(api, "listWorkflows", { query })).body.items.map(
        (item) => item.adw_id,
      );
    expect(await only({ status: "failed" })).toEqual([adw_id]);
    expect(await only({ workflow: "plan_build" })).toEqual([adw_id]);
    expect(await only({ issue_number: run.issue_number ?? 0 })).toEqual([
      adw_id,
    ]);
    expect(await only({ status: "failed", repository: repo })).toEqual([
      adw_id,
    ]);
    expect(await only({ repository: "acme/other" })).toEqual([]);
    expect(await only({ status: "", workflow: "plan_build" })).toEqual([
      adw_id,
    ]);
  });

  test.each([
    ["limit", "501"],
    ["limit", "0"],
    ["limit", "1e9"],
    ["limit", "NaN"],
    ["limit", "-1"],
    ["limit", "99999999999999999999"],
    ["page", "1.5"],
    ["status", "done"],
    ["status", "failed' OR 1=1 --"],
    ["repository", "acme"],
    ["workflow", "a b"],
    ["issue_number", "9999999999"],
    ["cursor", "not a cursor"],
    ["cursor", Buffer.from("[1,2]").toString("base64url")],
    ["order", "created_at; DROP TABLE workflow_runs"],
    ["__proto__", "1"],
  ])("with %s=%s is a 400 that names it", async (field, value) => {
    const answer = await refused(api, "listWorkflows", {
      query: Object.fromEntries([[field, value]]),
    });
    expect(answer.status).toBe(400);
    expect(answer.body.errors?.[0]?.field).toBe(field);
  });
});

describe("a run", () => {
  test("that is unknown is a 404; where the id can be no run's, it says what one looks like", async () => {
    const unknown = await refused(api, "getWorkflow", of("zzzzzzzz"));
    expect(unknown.status).toBe(404);
    for (const id of [
      "1",
      "ABCDEFGH",
      "../../etc/passwd",
      "zzzzzzz%00",
      "l0l0l0l0",
      "zzzzzzzz'--",
    ]) {
      const answer = await refused(api, "getWorkflow", of(id));
      expect(answer.status).toBe(404);
      expect(answer.body.detail).toMatch(/eight letters and digits/);
      expect(answer.body.detail).not.toContain("passwd"); // It may be anything.
    }
  });

  test("says the one thing that it waits for", async () => {
    const first = await trigger(api);
    const adw_id = await trigger(api);
    const queued = (await call(api, "getWhy", of(adw_id))).body;
    expect(queued).toMatchObject({ reason: "queued", phase: "classify" });
    expect(queued.queued_ahead).toBeGreaterThanOrEqual(1);
    expect(queued.position).toBe((queued.queued_ahead ?? 0) + 1);
    expect(queued).toMatchObject({ limit: null, estimated_start: null });

    const claimed = await claim(api, adw_id);
    expect((await call(api, "getWhy", of(adw_id))).body).toMatchObject({
      reason: "running",
      phase: "classify",
      runner: "runner-1",
    });

    await finish(api, claimed, {
      outcome: "failed",
      failureClass: "transient",
      message: "The provider is overloaded.",
      summary: "",
      usage: null,
    });
    const pause = (await call(api, "getWhy", of(adw_id))).body;
    expect(pause).toMatchObject({ reason: "back_off", phase: "classify" });
    expect(Date.parse(pause.until ?? "")).toBeGreaterThan(Date.now());

    await call(api, "cancelWorkflow", of(first));
    expect((await call(api, "getWhy", of(first))).body).toMatchObject({
      reason: "ended",
      status: "cancelled",
    });
  });

  test("says which limit holds it back, its position, and when it may begin", async () => {
    const { stores } = api.runtime;
    const running = await trigger(api);
    await finish(api, await claim(api, running)); // Tells how long phases take.
    await claim(api, running);
    const adw_id = await trigger(api);
    const run = await stores.runs.byAdwId(adw_id);
    if (run === null) throw new Error("the run is gone");
    const { id } = run.repository;
    await stores.repositories.change(id, { policy: { max_concurrent: 1 } });
    const held = (await call(api, "getWhy", of(adw_id))).body;
    await stores.repositories.change(id, { policy: {} });
    expect(held).toMatchObject({
      reason: "limit",
      limit: {
        of: "repository",
        name: `${run.repository.owner}/${run.repository.name}`,
      },
    });
    expect(held.position).toBeGreaterThanOrEqual(1);
    expect(Date.parse(held.estimated_start ?? "")).toBeGreaterThanOrEqual(
      run.clock.getTime(),
    );
  });

  test("shows its phases with every attempt, and its executions side by side", async () => {
    const adw_id = await trigger(api);
    await finish(api, await claim(api, adw_id));
    await fail(api, adw_id);
    await call(api, "retryWorkflow", {
      ...of(adw_id),
      body: { phase: "plan" },
    });
    await finish(api, await claim(api, adw_id));

    const phases = (await call(api, "getPhases", of(adw_id))).body;
    expect(phases.total).toBe(10);
    expect(phases.items[1]).toMatchObject({
      execution: 1,
      phase: "plan",
      status: "failed",
      error_class: "policy",
      attempts: [{ owner: "runner-1", outcome: "failed" }],
    });

    const executions = (await call(api, "listExecutions", of(adw_id))).body;
    expect(executions.items.map(({ number }) => number)).toEqual([1, 2]);
    const one = await call(api, "getExecution", {
      params: { adw_id, n: 2 },
    });
    expect(one.body.phases.map(({ phase }) => phase)).toHaveLength(5);
    await finish(api, await claim(api, adw_id), {
      ...success,
      commitSha: "b".repeat(40),
      diffSize: { files: 2, insertions: 30, deletions: 4 },
      usage: {
        inputTokens: 900,
        outputTokens: 100,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        costUsd: 0.5,
      },
    });
    const command = { kind: "test", durationMs: 5, outputTail: "" } as const;
    await finish(api, await claim(api, adw_id), {
      ...success,
      tests: {
        tested: true,
        commands: [
          { ...command, command: ["npm", "run", "lint"], exitCode: 1 },
          { ...command, command: ["npm", "test"], exitCode: 0 },
        ],
        changedTestFiles: [],
        baseFailed: false,
        headSha: "b".repeat(40),
      },
    });
    const compared = await call(api, "compareExecutions", {
      params: { adw_id, a: 1, b: 2 },
    });
    expect(compared.body).toMatchObject({
      a: { status: "failed", tests: null },
      b: {
        diff_size: { files: 2, insertions: 30, deletions: 4 },
        tests: { passed: 1, failed: 1 },
      },
      difference: {
        total_tokens: 1000,
        total_cost: 0.5,
        files: 2,
        insertions: 30,
        deletions: 4,
        tests_passed: null,
      },
    });
    const other = await trigger(api);
    const runs = await call(api, "compareWorkflows", {
      ...of(adw_id),
      query: { with: other },
    });
    expect(runs.body).toMatchObject({
      a: { adw_id, executions: 2, total_cost: 0.5 },
      b: { adw_id: other, status: "pending", executions: 1, tests: null },
      difference: { total_tokens: -1000, insertions: -30, duration_ms: null },
    });
    expect(
      (
        await refused(api, "compareWorkflows", {
          ...of(adw_id),
          query: { with: "22222222" },
        })
      ).status,
    ).toBe(404);
    expect(compared.body.phases).toContainEqual(
      expect.objectContaining({ phase: "plan", a: "failed", b: "succeeded" }),
    );
    expect(
      (await refused(api, "getExecution", { params: { adw_id, n: 3 } })).status,
    ).toBe(404);
    expect(
      (await refused(api, "getExecution", { params: { adw_id, n: "two" } }))
        .body.errors,
    ).toMatchObject([{ field: "n" }]);
  });

  test("is compared by duration and tests where both sides have them", async () => {
    const adw_id = await trigger(api);
    const tested = (exitCodes: readonly number[]): PhaseResult => ({
      outcome: "failed",
      failureClass: "policy",
      message: "A protected path was changed.",
      summary: "",
      usage: null,
      tests: {
        tested: true,
        commands: exitCodes.map((exitCode) => ({
          kind: "test",
          command: ["npm", "test"],
          exitCode,
          durationMs: 5,
          outputTail: "",
        })),
        changedTestFiles: [],
        baseFailed: false,
        headSha: "b".repeat(40),
      },
    });
    for (let phase = 0; phase < 3; phase += 1)
      await finish(api, await claim(api, adw_id));
    await finish(api, await claim(api, adw_id), tested([1, 1, 0]));
    await call(api, "retryWorkflow", {
      ...of(adw_id),
      body: { phase: "test" },
    });
    await finish(api, await claim(api, adw_id), tested([0, 0, 1, 0, 0]));
    const { pool } = api.runtime.database;
    await pool.query(
      "UPDATE executions SET started_at = finished_at - number * interval '10 seconds'",
    );
    await pool.query(
      "UPDATE phase_runs SET started_at = completed_at - execution * interval '1 second' WHERE phase = 'test'",
    );
    const { body } = await call(api, "compareExecutions", {
      params: { adw_id, a: 1, b: 2 },
    });
    expect(body).toMatchObject({
      a: { duration_ms: 10_000, tests: { passed: 1, failed: 2 } },
      b: { duration_ms: 20_000, tests: { passed: 4, failed: 1 } },
      difference: { duration_ms: 10_000, tests_passed: 3, tests_failed: -1 },
    });
    expect(body.phases).toContainEqual(
      expect.objectContaining({
        phase: "test",
        a_duration_ms: 1_000,
        b_duration_ms: 2_000,
      }),
    );
    // A run's duration is that of all its executions, its tests are the last ones.
    const runs = await call(api, "compareWorkflows", {
      ...of(adw_id),
      query: { with: adw_id },
    });
    expect(runs.body).toMatchObject({
      a: { duration_ms: 30_000, tests: { passed: 4, failed: 1 } },
      difference: { duration_ms: 0, tests_passed: 0 },
    });
  });

  test("shows its handoffs, artifacts and conversations", async () => {
    const adw_id = await trigger(api);
    const claimed = await claim(api, adw_id);
    const { stores } = api.runtime;
    await stores.artifacts.keep(claimed.attempt, {
      kind: "transcript",
      name: "../<script>.html",
      contentType: "text/html",
      content: "<script>alert(1)</script>",
    });
    await stores.transcripts.add(claimed.attempt, {
      messages: [
        { role: "user", content: "Classify it." },
        { role: "assistant", content: "A bug." },
      ],
    });
    await finish(api, claimed, {
      ...success,
      handoff: { contentMd: "# A bug", metadata: { sure: true } },
    });

    const handoffs = (await call(api, "listHandoffs", of(adw_id))).body;
    expect(handoffs.items).toMatchObject([
      { phase: "classify", content_md: "# A bug", metadata: { sure: true } },
    ]);

    const artifacts = (await call(api, "listArtifacts", of(adw_id))).body;
    const [artifact] = artifacts.items;
    expect(artifact).toMatchObject({ kind: "transcript", truncated: false });
    const content = await call(api, "getArtifactContent", {
      params: { adw_id, id: artifact?.id ?? "" },
    });
    expect(content.body).toBe("<script>alert(1)</script>");
    expect(content.headers.get("content-type")).toBe(
      "text/plain; charset=utf-8",
    );
    expect(content.headers.get("x-content-type-options")).toBe("nosniff");
    expect(content.headers.get("content-disposition")).toBe(
      'attachment; filename=".._script_.html"',
    );

    const conversations = (await call(api, "listConversations", of(adw_id)))
      .body;
    const id = conversations.items[0]?.id ?? "";
    const messages = await call(api, "listMessages", { params: { id } });
    expect(
      messages.body.items.map(({ role, content }) => [role, content]),
    ).toEqual([
      ["user", "Classify it."],
      ["assistant", "A bug."],
    ]);
  });

  test("shows its log page by page, filtered by level and phase", async () => {
    const adw_id = await trigger(api);
    const claimed = await claim(api, adw_id);
    await say(api, adw_id, claimed, ["one", "two", "three"]);
    const first = (
      await call(api, "getLogs", { ...of(adw_id), query: { limit: 2 } })
    ).body;
    expect(first.logs).toEqual(["one", "two"]);
    const rest = (
      await call(api, "getLogs", {
        ...of(adw_id),
        query: { after: first.next_after },
      })
    ).body;
    expect(rest.entries).toMatchObject([
      { seq: 3, level: "INFO", phase: "classify", message: "three" },
    ]);
    const none = await call(api, "getLogs", {
      ...of(adw_id),
      query: { level: "error" },
    });
    expect(none.body).toMatchObject({ logs: [], next_after: 0 });
    const ofPhase = await call(api, "getLogs", {
      ...of(adw_id),
      query: { phase: "classify" },
    });
    expect(ofPhase.body.logs).toHaveLength(3);
  });

  test("shows who did what to it", async () => {
    const adw_id = await trigger(api);
    await call(api, "cancelWorkflow", {
      ...of(adw_id),
      body: { reason: "No." },
    });
    const { items, next_after } = (await call(api, "getEvents", of(adw_id)))
      .body;
    expect(items).toMatchObject([
      { type: "triggered", actor: "api:admin" },
      {
        type: "cancel_requested",
        actor: "api:admin",
        payload: { reason: "No." },
      },
    ]);
    const later = await call(api, "getEvents", {
      ...of(adw_id),
      query: { after: next_after },
    });
    expect(later.body.items).toEqual([]);
  });
});

describe("the choices", () => {
  test("name the workflows and the agents that a trigger takes", async () => {
    const definitions = (await call(api, "listDefinitions")).body.items;
    expect(definitions.find((one) => one.default)?.name).toBe(
      "adw_plan_build_test",
    );
    const agents = (await call(api, "listAgents")).body.items;
    expect(agents.map(({ name }) => name)).toEqual(["claude", "codex"]);
  });
});
