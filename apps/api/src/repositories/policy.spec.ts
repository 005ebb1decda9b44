import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { call, refused } from "../__fixtures__/call.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

const params = { owner: "acme", name: "shop" };
const change = (policy: unknown) =>
  call(api, "changeRepository", { params, body: { policy } });
const refuse = (policy: unknown) =>
  refused(api, "changeRepository", { params, body: { policy } });

describe("a repository's policy", () => {
  test("is kept as it was set, and replaces the former one", async () => {
    const policy = {
      cancel_on_close: false,
      allowed_actor_ids: [49_699_333],
      agent_route: ["codex", "an-agent-of-tomorrow"],
      max_concurrent: 0,
      weight: 100,
      max_run_usd: 2.5,
      max_phase_usd: 0,
      max_agent_usd: 0.5,
      max_execution_usd: 1,
      max_work_item_usd: 1_000_000,
      max_day_usd: 10,
      guard: {
        block: ["db/**"],
        review: ["api/**"],
        max_files: 0,
        max_file_bytes: 1,
        max_total_bytes: 2,
      },
    };
    expect((await change(policy)).body.policy).toEqual(policy);
    expect((await change({})).body.policy).toEqual({});
  });

  const deep = `${"[".repeat(2_000)}${"]".repeat(2_000)}`;
  test.each([
    ["policy", []],
    ["policy", null],
    ["policy", "narrow"],
    ["policy.max_concurent", { max_concurent: 1 }],
    ["policy.a\u0000b", { "a\u0000b": 1 }],
    ["policy.\ud800", { "\ud800": 1 }],
    ["policy.deep", { deep: JSON.parse(deep) as unknown }],
    ["policy.cancel_on_close", { cancel_on_close: "false" }],
    ["policy.allowed_actor_ids", { allowed_actor_ids: 7 }],
    ["policy.allowed_actor_ids.0", { allowed_actor_ids: ["ada"] }],
    ["policy.agent_route", { agent_route: "codex" }],
    ["policy.agent_route.1", { agent_route: ["codex", "--help"] }],
    ["policy.max_concurrent", { max_concurrent: "1" }],
    ["policy.max_concurrent", { max_concurrent: -1 }],
    ["policy.weight", { weight: 0 }],
    ["policy.weight", { weight: 101 }],
    ["policy.max_run_usd", { max_run_usd: "5" }],
    ["policy.max_phase_usd", { max_phase_usd: -1 }],
    ["policy.max_agent_usd", { max_agent_usd: "1" }],
    ["policy.max_execution_usd", { max_execution_usd: 1e7 }],
    ["policy.max_work_item_usd", { max_work_item_usd: null }],
    ["policy.max_day_usd", { max_day_usd: {} }],
    ["policy.guard", { guard: ["db/**"] }],
    ["policy.guard.blok", { guard: { blok: ["db/**"] } }],
    ["policy.guard.block", { guard: { block: "db/**" } }],
    ["policy.guard.block.0", { guard: { block: [""] } }],
    ["policy.guard.block.0", { guard: { block: ["a\u0000b"] } }],
    ["policy.guard.review.0", { guard: { review: [[["api/**"]]] } }],
    ["policy.guard.max_files", { guard: { max_files: 0.5 } }],
    ["policy.guard.max_file_bytes", { guard: { max_file_bytes: "1" } }],
    ["policy.guard.max_total_bytes", { guard: { max_total_bytes: -1 } }],
    ["policy", { guard: { block: Array(100).fill("x".repeat(200)) } }],
  ])("is refused by the name of %j", async (field, policy) => {
    const before = await call(api, "listRepositories");
    const { status, body } = await refuse(policy);
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ field }]);
    expect((await call(api, "listRepositories")).body).toEqual(before.body);
  });

  test("names every bad field at once", async () => {
    const { body } = await refuse({ weight: 0, max_runs: 1, guard: { a: 1 } });
    expect(body.errors?.map(({ field }) => field).sort()).toEqual([
      "policy.guard.a",
      "policy.max_runs",
      "policy.weight",
    ]);
  });

  test("that an older version took can still be read and replaced", async () => {
    const stored = { max_runs: 1, cancel_on_close: "false" };
    const { id } = api.repository;
    await api.runtime.stores.repositories.change(id, { policy: stored });
    const { body } = await call(api, "listRepositories");
    expect(body.items).toMatchObject([{ policy: stored }]);
    await change({ cancel_on_close: false });
  });
});
