import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openGitHub } from "@pullwright/runtime";
import { until } from "@pullwright/testing";
import { call, refused } from "../__fixtures__/call.js";
import {
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
beforeEach(async () => {
  api = await startApiUnderTest();
});
afterEach(() => api.close());

const record = async (
  guid: string,
  repositoryId: number | null = api.repository.githubId,
) => {
  const { id } = await api.runtime.stores.deliveries.record({
    source: "webhook",
    guid,
    event: "issues",
    action: "labeled",
    repositoryId,
    repositoryFullName: repositoryId === null ? null : repo,
    payload: `{"guid":"${guid}"}`,
  });
  return id;
};

describe("deliveries", () => {
  test("tell their verdict and why, newest first, page by page", async () => {
    for (let n = 1; n <= 5; n += 1) await record(`guid-${n.toString()}`);
    const id = await record("guid-6");
    await api.runtime.stores.deliveries.settle(id, {
      verdict: "ignored",
      reason: "the label is no longer on the issue",
    });
    const first = await call(api, "listDeliveries", { query: { limit: 4 } });
    expect(first.body.items[0]).toMatchObject({
      guid: "guid-6",
      repository: repo,
      verdict: "ignored",
      reason: "the label is no longer on the issue",
    });
    const second = await call(api, "listDeliveries", {
      query: { limit: 4, cursor: first.body.next_cursor ?? "" },
    });
    const guids = [...first.body.items, ...second.body.items].map(
      ({ guid }) => guid,
    );
    expect(guids).toEqual(
      [6, 5, 4, 3, 2, 1].map((n) => `guid-${n.toString()}`),
    );
    expect(second.body.next_cursor).toBeNull();
  });

  test("can be asked for by verdict and by repository", async () => {
    const id = await record("handled");
    await record("open");
    await record("of no repository", null);
    await api.runtime.stores.deliveries.settle(id, {
      verdict: "started",
      reason: "a run was started",
    });
    const guidsOf = async (query: Record<string, string>) => {
      const { body } = await call(api, "listDeliveries", { query });
      return body.items.map(({ guid }) => guid).sort();
    };
    expect(await guidsOf({ verdict: "started" })).toEqual(["handled"]);
    expect(await guidsOf({ verdict: "open", repository: repo })).toEqual([
      "open",
    ]);
    expect(await guidsOf({ repository: "acme/unknown" })).toEqual([]);
    expect(await guidsOf({})).toHaveLength(3);
  });

  test("of other repositories are not there for a bound key, and what they say is for admins", async () => {
    const own = await record("own");
    const foreign = await record("foreign", 987_654);
    const key = await api.keyFor(["read"], [api.repository.id]);
    const { body } = await call(api, "listDeliveries", { key });
    expect(body.items.map(({ guid }) => guid)).toEqual(["own"]);
    const params = { id: own };
    const seen = await call(api, "getDelivery", { key, params });
    expect(seen.body).toMatchObject({ guid: "own", payload: null });
    const whole = await call(api, "getDelivery", { params });
    expect(whole.body.payload).toBe('{"guid":"own"}');
    const answer = await refused(api, "getDelivery", {
      key,
      params: { id: foreign },
    });
    expect(answer.status).toBe(404);
  });

  test("are refused with a cursor of somebody's making", async () => {
    const answer = await refused(api, "listDeliveries", {
      query: { cursor: "bm90LWEtY3Vyc29y" },
    });
    expect(answer.status).toBe(400);
  });
});

test("GitHub's quota is shown by class", async () => {
  const github = openGitHub(api.runtime);
  await github.repositories.get({ owner: "acme", name: "shop" });
  await github
    .as("discovery")
    .repositories.get({ owner: "acme", name: "shop" });
  const quotaOf = async () => (await call(api, "getGithubQuota")).body.items[0];
  await until(
    async () => (await quotaOf())?.requests.discovery === 1,
    "it is counted",
  );
  expect(await quotaOf()).toMatchObject({
    resource: "core",
    limit: 5000,
    paused_until: null,
    requests: { control: 1, status: 0, discovery: 1, refused: 0 },
  });
});
