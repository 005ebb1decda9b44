import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import { queueOfRuns, rules } from "../__fixtures__/queue-of-runs.js";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { DispatchRules } from "./dispatch-order.js";

let sut: StoresUnderTest;
let queue: ReturnType<typeof queueOfRuns>;
beforeAll(async () => {
  sut = await storesOnAClone();
  queue = queueOfRuns(sut);
});
afterEach(async () => {
  await queue.clear();
  await sut.database.pool.query("DELETE FROM breakers");
});
afterAll(() => sut.close());

const queued = async (by: DispatchRules = rules) =>
  Object.fromEntries(
    (await sut.stores.dispatch.queued(by)).map(({ why, count }) => [
      why,
      count,
    ]),
  );

it("tells of nothing while nothing is queued", async () => {
  expect(await queued()).toEqual({});
});

it("tells phases for a free runner from those that pause and those just given", async () => {
  const repository = await queue.repository();
  for (let n = 1; n <= 4; n += 1) await queue.run(repository);
  await queue.age(await queue.run(repository), -60_000);
  await sut.stores.dispatch.next(rules);
  expect(await queued()).toEqual({ runner: 3, given: 1, back_off: 1 });
});

it("tells whose limit holds the others back", async () => {
  const narrow = await queue.repository({ max_concurrent: 1 });
  const wide = await queue.repository();
  for (const repository of [narrow, narrow, narrow])
    await queue.run(repository);
  await queue.take();
  await queue.run(wide, { agent: "codex" });
  expect(await queued()).toEqual({ limit_repository: 2, runner: 1 });
  expect(await queued({ ...rules, maxPhases: 1 })).toEqual({
    limit_repository: 2,
    limit_installation: 1,
  });
  await queue.take({ ...rules, maxPerAgent: 1 });
  await queue.run(wide, { agent: "codex" });
  expect(await queued({ ...rules, maxPerAgent: 1 })).toEqual({
    limit_repository: 2,
    limit_agent: 1,
  });
});

it("tells of phases whose agents have no quota left", async () => {
  const repository = await queue.repository();
  await queue.run(repository);
  await queue.run(repository, { agent: "codex" });
  await sut.database.pool.query(
    "INSERT INTO breakers (credential, agent, open_until, reason) VALUES ('codex:1', 'codex', now() + interval '1 hour', 'spec')",
  );
  expect(await queued()).toEqual({ runner: 1, quota: 1 });
});
