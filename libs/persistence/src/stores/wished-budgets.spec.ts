import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterEach(async () => {
  await wish({});
  await follow(null);
  await sut.database.pool.query("DELETE FROM budgets");
  sut.stores.reservations.forget();
});
afterAll(() => sut.close());

const wish = (policy: Readonly<Record<string, unknown>>) =>
  sut.stores.repositories.change(sut.repository.id, { policy });
const follow = (maxDayUsd: number | null) =>
  sut.stores.budgets.follow({ maxDayUsd });
const byPeople = { scope: "day", key: "*", repositoryId: null } as const;

const shown = async () =>
  (await sut.stores.budgets.list(null)).map(
    ({ scope, key, repository, limitUsd, createdBy }) => [
      scope,
      key,
      repository,
      limitUsd,
      createdBy,
    ],
  );

/** Claims the first phase of a new run; null, or what it waits for. */
async function claim(): Promise<string | null> {
  const made = await sut.createRun();
  const claimed = await sut.claim(made);
  if (claimed !== null) return null;
  const run = await sut.stores.runs.byId(made.id);
  return run?.state.waiting?.message ?? "";
}

it("a policy's limits are budgets of its repository at once, and follow it", async () => {
  await wish({ max_day_usd: 4.5, max_work_item_usd: 2, max_concurrent: 3 });
  expect(await shown()).toEqual([
    ["day", "*", "acme/shop", 4.5, "policy"],
    ["work_item", "*", "acme/shop", 2, "policy"],
  ]);
  await wish({
    max_day_usd: 5,
    max_phase_usd: 1,
    max_agent_usd: 2,
    max_execution_usd: 2.5,
  });
  expect(await shown()).toEqual([
    ["agent", "*", "acme/shop", 2, "policy"],
    ["day", "*", "acme/shop", 5, "policy"],
    ["execution", "*", "acme/shop", 2.5, "policy"],
    ["phase", "*", "acme/shop", 1, "policy"],
  ]);
  await sut.stores.repositories.change(sut.repository.id, { enabled: true });
  expect(await shown()).toHaveLength(4);
  await wish({});
  expect(await shown()).toEqual([]);
});

it("malformed limits in a policy are none", async () => {
  const policy = {
    max_day_usd: "5",
    max_work_item_usd: -1,
    max_phase_usd: 1e300,
    max_execution_usd: { usd: 1 },
  };
  await wish(policy);
  await follow(null);
  expect(await shown()).toEqual([]);
});

it("the policy's limits are its repository's alone", async () => {
  const other = await sut.stores.repositories.upsert({
    githubId: 4711,
    owner: "acme",
    name: "other",
    defaultBranch: "main",
  });
  await sut.stores.repositories.change(other.id, {
    policy: { max_day_usd: 0 },
  });
  expect(await claim()).toBeNull();
  await wish({ max_day_usd: 0 });
  sut.stores.reservations.forget();
  expect(await claim()).toMatch(
    /^The budget of \$0\.00 for each day of acme\/shop has no room: .* such as when max_day_usd of the repository's policy is raised or/,
  );
  await sut.stores.repositories.change(other.id, { policy: {} });
});

it("the installation's day is one budget beside what people set, and the narrower of the two counts", async () => {
  await sut.stores.budgets.put(byPeople, { usd: 100, tokens: null }, "api:ada");
  expect(await follow(0)).toBe(true);
  expect(await follow(0)).toBe(false);
  expect(await shown()).toEqual([
    ["day", "*", null, 0, "configuration"],
    ["day", "*", null, 100, "api:ada"],
  ]);
  expect(await claim()).toMatch(/such as when MAX_DAY_USD is raised/);
  expect(await follow(50)).toBe(true);
  expect(await claim()).toBeNull();
  await sut.stores.budgets.put(byPeople, { usd: 0, tokens: null }, "api:ada");
  expect(await claim()).toMatch(/such as when the budget is raised/);
  // Removing one's own leaves the installation's.
  await sut.stores.budgets.put(byPeople, { usd: null, tokens: null }, "ada");
  expect(await shown()).toEqual([["day", "*", null, 50, "configuration"]]);
  expect(await follow(null)).toBe(true);
  expect(await shown()).toEqual([]);
});

it("changes of the installation's day are in the audit, once each", async () => {
  const before = (await noted()).length;
  for (const usd of [7, 7, 8, null, null]) await follow(usd);
  const entries = (await noted()).slice(0, -before || undefined);
  expect(entries.map(({ details }) => details["limit_usd"])).toEqual([
    null,
    8,
    7,
  ]);
  expect(entries[0]).toMatchObject({
    actor: "configuration",
    source: "configuration",
    details: { scope: "day", key: "*" },
  });
});

const noted = () => sut.stores.audit.page({ action: "budget.set" }, null, 100);

it("what a policy said to a version that did not know it is followed later", async () => {
  await sut.database.pool.query(
    `UPDATE repositories SET policy = '{"max_day_usd": 3}' WHERE id = $1`,
    [sut.repository.id],
  );
  expect(await shown()).toEqual([]);
  expect(await follow(null)).toBe(true);
  expect(await shown()).toEqual([["day", "*", "acme/shop", 3, "policy"]]);
});
