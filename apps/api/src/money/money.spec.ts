import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  test,
} from "@jest/globals";
import { call, refused } from "../__fixtures__/call.js";
import {
  claim,
  finish,
  newIssue,
  success,
  trigger,
} from "../__fixtures__/played-run.js";
import {
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
let foreign: string;
beforeAll(async () => {
  api = await startApiUnderTest();
  const other = await api.runtime.stores.repositories.upsert({
    githubId: 4711,
    owner: "other",
    name: "thing",
    defaultBranch: "main",
  });
  foreign = await api.keyFor(["admin"], [other.id]);
});
afterAll(() => api.close());

const cost = (costUsd: number) => ({
  ...success,
  usage: {
    inputTokens: 90,
    outputTokens: 10,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd,
  },
});

describe("costs", () => {
  test("are summed by what is asked for", async () => {
    const adw_id = await trigger(api);
    await finish(api, await claim(api, adw_id), cost(0.25));
    await finish(api, await claim(api, adw_id), cost(0.5));
    const { body } = await call(api, "getCosts", {
      query: { group_by: "phase", repository: repo },
    });
    expect(body).toEqual({
      group_by: "phase",
      items: [
        sum({ key: "plan", cost_usd: 0.5 }),
        sum({ key: "classify", cost_usd: 0.25 }),
      ],
    });
    const byRun = await call(api, "getCosts", { query: { group_by: "run" } });
    expect(byRun.body.items).toEqual([
      sum({ key: adw_id, cost_usd: 0.75, tokens: 200, attempts: 2 }),
    ]);
    // Of another agent with its model.
    await finish(api, await claim(api, adw_id, "codex", "gpt-5"), cost(1));
    const rowsBy = async (group_by: string) =>
      (await call(api, "getCosts", { query: { group_by } })).body.items;
    const all = { cost_usd: 1.75, tokens: 300, attempts: 3 };
    const [{ today } = { today: "" }] = (
      await api.runtime.database.pool.query<{ today: string }>(
        "SELECT (now() AT TIME ZONE 'utc')::date::text AS today",
      )
    ).rows;
    expect(await rowsBy("repository")).toEqual([sum({ key: repo, ...all })]);
    expect(await rowsBy("day")).toEqual([sum({ key: today, ...all })]);
    for (const [group, key] of [
      ["agent", "codex"],
      ["model", "gpt-5"],
    ] as const)
      expect(await rowsBy(group)).toEqual([
        sum({ key, cost_usd: 1 }),
        sum({ key: "", cost_usd: 0.75, tokens: 200, attempts: 2 }),
      ]);
    const run = await call(api, "getWorkflow", { params: { adw_id } });
    for (const [group, key] of [
      ["label", "bug"],
      ["work_item", `${repo}#${run.body.issue_number}`],
      ["execution", `${adw_id}#1`],
    ] as const)
      expect([group, await rowsBy(group)]).toEqual([
        group,
        [sum({ key, ...all })],
      ]);
    const before = { group_by: "day", to: "2020-01-01" };
    expect((await call(api, "getCosts", { query: before })).body.items).toEqual(
      [],
    );
  });

  test("of a repository are not for a key that is bound to another", async () => {
    const query = { group_by: "run" };
    const all = await call(api, "getCosts", { query, key: foreign });
    expect(all.body.items).toEqual([]);
    const asked = { query: { ...query, repository: repo }, key: foreign };
    expect((await refused(api, "getCosts", asked)).status).toBe(404);
  });

  test.each([
    ["group_by", "colour"],
    ["from", "yesterday"],
    ["limit", "0"],
  ])("are refused with a bad %s", async (field, value) => {
    const answer = await refused(api, "getCosts", {
      query: { group_by: "run", [field]: value },
    });
    expect(answer.body.errors).toMatchObject([{ field }]);
  });
});

const sum = (some: object) => ({
  tokens: 100,
  attempts: 1,
  running: 0,
  merged_at: null,
  ...some,
});

describe("budgets", () => {
  test("are set, shown with what is gone of them, and removed", async () => {
    const body = { scope: "repository", repository: repo, limit_usd: 50 };
    const put = await call(api, "putBudget", { body });
    expect(put.body.items).toMatchObject([
      { ...body, key: "*", limit_tokens: null, reserved_usd: 0 },
    ]);
    const raised = await call(api, "putBudget", {
      body: { ...body, limit_usd: 60 },
    });
    expect(raised.body).toMatchObject({
      total: 1,
      items: [{ limit_usd: 60, spent_usd: 1.75, spent_tokens: 300 }],
    });
    await call(api, "putBudget", { body: { ...body, limit_usd: null } });
    expect((await call(api, "listBudgets")).body.items).toEqual([]);
  });

  test("hold a phase back, and say so", async () => {
    const day = { scope: "day", limit_usd: 0 };
    await call(api, "putBudget", { body: day });
    const adw_id = await trigger(api);
    await expect(claim(api, adw_id)).rejects.toThrow("was not claimed");
    const why = await call(api, "getWhy", { params: { adw_id } });
    expect(why.body).toMatchObject({ status: "waiting", reason: "budget" });
    await call(api, "putBudget", { body: { scope: "day" } });
  });

  test("show in a run what remains for each of its phases, agents, executions and for itself", async () => {
    const limits = [
      { scope: "phase", key: "plan", limit_usd: 2 },
      { scope: "agent", limit_usd: 3, limit_tokens: 1_000 },
      { scope: "execution", limit_usd: 4 },
      { scope: "run", limit_usd: 5 },
      { scope: "work_item", repository: repo, limit_tokens: 300 },
      { scope: "day", limit_usd: 600 },
    ];
    for (const body of limits) await call(api, "putBudget", { body });
    const adw_id = await trigger(api);
    await finish(api, await claim(api, adw_id)); // classify
    const claimed = await claim(api, adw_id, "claude");
    const { issueNumber } = claimed.run;
    const shown = async () =>
      (await call(api, "getWorkflow", { params: { adw_id } })).body.budgets;
    const { amount } = claimed.reservation ?? {};
    expect(amount?.usd).toBeGreaterThan(0);
    expect((await shown()).find(({ scope }) => scope === "run")).toMatchObject({
      reserved_usd: amount?.usd,
      remaining_usd: 5 - (amount?.usd ?? 0),
    });
    await finish(api, claimed, cost(0.5));
    const left = (await shown()).map(
      ({ scope, key, remaining_usd, remaining_tokens }) => [
        scope,
        key,
        remaining_usd,
        remaining_tokens,
      ],
    );
    expect(left).toEqual([
      ["phase", "plan", 1.5, null],
      ["agent", "claude", 2.5, 900],
      ["execution", "1", 3.5, null],
      ["run", adw_id, 4.5, null],
      ["work_item", issueNumber?.toString(), null, 200],
    ]);
    for (const { scope, key, repository } of limits.map((one) => ({
      key: "*",
      repository: null,
      ...one,
    })))
      await call(api, "putBudget", { body: { scope, key, repository } });
  });

  test("are for admins alone to set, and for a bound key those of its repositories", async () => {
    const body = { scope: "day", limit_usd: 1 };
    const reader = await api.keyFor(["read", "control"]);
    for (const [key, wanted, status] of [
      [reader, body, 403],
      [foreign, body, 403],
      [foreign, { ...body, repository: repo }, 404],
    ] as const)
      expect(
        (await refused(api, "putBudget", { body: wanted, key })).status,
      ).toBe(status);
    await call(api, "putBudget", { body });
    const seen = await call(api, "listBudgets", { key: foreign });
    expect(seen.body.items).toEqual([]);
    await call(api, "putBudget", { body: { scope: "day" } });
  });

  test.each([
    [
      "repository",
      "octo-org/octo-repo",
      "must be `*`: name it in `repository`",
    ],
    ["day", "2026-01-31", "must be `*`: each day has the limit for itself"],
    ["execution", "1", "must be `*`: each execution has the limit for itself"],
    ["label", "*", "must not be `*`: name a label"],
    ["label", undefined, "must not be `*`: name a label"],
  ])("of scope %s are refused with the key %s", async (scope, key, message) => {
    for (const limit of [{ limit_usd: 1 }, { limit_tokens: 0 }]) {
      const body = { scope, key, repository: repo, ...limit };
      const { status, body: problem } = await refused(api, "putBudget", {
        body,
      });
      expect(status).toBe(400);
      expect(problem.errors).toEqual([{ field: "key", message }]);
    }
    expect((await call(api, "listBudgets")).body.items).toEqual([]);
  });

  test("with a key that none may have any more are still removed", async () => {
    const odd = [
      { scope: "repository", key: "octo-org/octo-repo" },
      { scope: "day", key: "2026-01-31" },
      { scope: "execution", key: "1" },
      { scope: "label", key: "*" },
    ] as const;
    const { budgets } = api.runtime.stores;
    for (const budget of odd)
      await budgets.put(
        { ...budget, repositoryId: null },
        { usd: 1, tokens: null },
        "ada",
      );
    expect((await call(api, "listBudgets")).body.total).toBe(odd.length);
    for (const body of odd) await call(api, "putBudget", { body });
    expect((await call(api, "listBudgets")).body.items).toEqual([]);
  });

  test.each([
    ["limit_usd", -1],
    ["limit_tokens", 1.5],
    ["scope", "planet"],
    ["repository", "../etc"],
    ["key", "\0"],
  ])("with a bad %s are refused", async (field, value) => {
    const answer = await refused(api, "putBudget", {
      body: { scope: "agent", limit_usd: 1, [field]: value },
    });
    expect(answer.body.errors).toMatchObject([{ field }]);
  });
});

describe("limits of a repository's policy", () => {
  const params = { owner: "acme", name: "shop" };
  const wish = (policy: object) =>
    call(api, "changeRepository", { params, body: { policy } });
  afterEach(() => wish({}));

  test("are budgets that hold a phase back, and no budget of a person's", async () => {
    await wish({ max_day_usd: 0 });
    const day = { scope: "day", repository: repo };
    const listed = await call(api, "listBudgets");
    expect(listed.body.items).toMatchObject([
      { ...day, key: "*", limit_usd: 0, created_by: "policy" },
    ]);
    const put = await call(api, "putBudget", { body: day });
    expect(put.body.items).toMatchObject([{ ...day, created_by: "policy" }]);
    const adw_id = await trigger(api);
    await expect(claim(api, adw_id)).rejects.toThrow("was not claimed");
    const why = await call(api, "getWhy", { params: { adw_id } });
    expect(why.body).toMatchObject({ status: "waiting", reason: "budget" });
    expect(why.body.message).toContain(
      "max_day_usd of the repository's policy",
    );
    await wish({ cancel_on_close: false });
    expect((await call(api, "listBudgets")).body.items).toEqual([]);
  });

  test("are a run's own money, which a caller may narrow and never widen", async () => {
    await wish({ max_run_usd: 3 });
    const limitOf = async (more: object) => {
      const issue_number = newIssue(api);
      const body = { issue_number, workflow: "adw_plan", repository: repo };
      const started = await call(api, "triggerWorkflow", {
        body: { ...body, ...more },
      });
      const { adw_id } = started.body;
      const run = await call(api, "getWorkflow", { params: { adw_id } });
      return run.body.cost.limit_usd;
    };
    expect(await limitOf({})).toBe(3);
    expect(await limitOf({ budget_usd: 2 })).toBe(2);
    const answer = await refused(api, "triggerWorkflow", {
      body: {
        issue_number: newIssue(api),
        workflow: "adw_plan",
        repository: repo,
        budget_usd: 4,
      },
    });
    expect(answer.body.errors).toEqual([
      {
        field: "budget_usd",
        message: "must be at most 3, the repository's limit",
      },
    ]);
  });

  test.each([
    ["max_run_usd", "3"],
    ["max_day_usd", -1],
    ["max_work_item_usd", 1e7],
    ["max_phase_usd", null],
    ["max_agent_usd", "1"],
    ["max_execution_usd", [1]],
  ])("with a bad %s are refused by name", async (field, value) => {
    const answer = await refused(api, "changeRepository", {
      params,
      body: { policy: { max_day_usd: 1, [field]: value } },
    });
    expect(answer.body.errors).toMatchObject([{ field: `policy.${field}` }]);
    expect((await call(api, "listBudgets")).body.items).toEqual([]);
  });
});

test("a run that works gets more money at once", async () => {
  const { body } = await call(api, "triggerWorkflow", {
    body: {
      issue_number: newIssue(api),
      workflow: "adw_plan",
      repository: repo,
      budget_usd: 1,
    },
  });
  const params = { adw_id: body.adw_id };
  await claim(api, body.adw_id);
  await call(api, "continueWorkflow", { params, body: { add_usd: 5 } });
  const run = await api.runtime.stores.runs.byAdwId(body.adw_id);
  expect(run?.state).toMatchObject({
    status: "running",
    limits: { maxUsd: 6 },
  });
});
