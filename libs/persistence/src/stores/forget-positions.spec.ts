import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { Repository } from "./repositories.js";

let sut: StoresUnderTest;
let other: Repository;
beforeAll(async () => {
  sut = await storesOnAClone();
  other = await sut.stores.repositories.upsert({
    githubId: 43,
    owner: "acme",
    name: "store",
    defaultBranch: "main",
  });
});
afterAll(() => sut.close());

const set = ({ id }: Repository, enabled: boolean) =>
  sut.stores.repositories.change(id, { enabled });

/** What is remembered of where GitHub was read to. */
async function remembered(): Promise<string[]> {
  const { rows } = await sut.database.pool.query<{ what: string }>(
    `SELECT r.name || ' ' || f.feed AS what FROM feeds f JOIN repositories r ON r.id = f.repository_id
     UNION ALL SELECT coalesce(r.name, h.name) || ' log' FROM hook_logs h LEFT JOIN repositories r ON r.id::text = h.name ORDER BY 1`,
  );
  return rows.map(({ what }) => what);
}

const everything = [
  "app log",
  "shop comments",
  "shop issue_events",
  "shop log",
  "store comments",
  "store issue_events",
  "store log",
];

beforeEach(async () => {
  const { feeds, hookLogs } = sut.stores;
  const now = new Date();
  for (const repository of [sut.repository, other]) {
    await set(repository, true);
    for (const feed of ["issue_events", "comments"])
      await feeds.save(repository.id, feed, {
        etag: '"1"',
        cursor: "1",
        failures: 0,
        polledAt: now,
        nextPollAt: now,
        toldAt: null,
        untoldAt: null,
      });
  }
  for (const name of ["app", sut.repository.id, other.id])
    await hookLogs.save(name, { readUntil: now, readAt: now, trouble: null });
});

test("a repository that is switched on again is read as at first; the others go on where they were", async () => {
  await set(sut.repository, false);
  expect(await remembered()).toEqual(everything);
  await set(sut.repository, true);
  expect(await remembered()).toEqual(
    everything.filter((what) => !what.startsWith("shop ")),
  );
});

test("one that is on and said to be so, or gets another policy, goes on where it was", async () => {
  await set(sut.repository, true);
  await sut.stores.repositories.change(sut.repository.id, { policy: {} });
  await set(other, false);
  await sut.stores.repositories.change(other.id, { policy: {} });
  expect(await remembered()).toEqual(everything);
});

test("the App's log is read as at first by the first that is served again", async () => {
  await set(sut.repository, false);
  await set(other, false);
  await set(other, true);
  expect(await remembered()).toEqual(
    everything.filter((what) => what.startsWith("shop ")),
  );
});
