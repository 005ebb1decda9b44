import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { Repositories } from "./repositories.js";

let sut: StoresUnderTest;
let repositories: Repositories;
beforeAll(async () => {
  sut = await storesOnAClone();
  ({ repositories } = sut.stores);
});
afterAll(() => sut.close());

const register = (githubId: number, owner: string, name: string) =>
  repositories.upsert({ githubId, owner, name, defaultBranch: "main" });

/** GitHub's id and whether it is served, of all that `list` or `listAll` tells under a name. */
async function under(name: string, listed = repositories.list()) {
  const all = await listed;
  return all
    .filter((found) => found.name.toLowerCase() === name)
    .map(({ githubId, enabled }) => [githubId, enabled]);
}

describe("a repository that was made anew under its name", () => {
  test("is the one that is meant, and the former one is served no more", async () => {
    const former = await register(100, "acme", "anew");
    const next = await register(70, "Acme", "Anew");
    expect(await under("anew")).toEqual([[70, true]]);
    expect(await repositories.byName("ACME", "anew")).toEqual(next);
    expect(await repositories.byGithubId(100)).toEqual({
      ...former,
      enabled: false,
    });
    expect(await repositories.byId(former.id)).toMatchObject({
      enabled: false,
    });
    const all = await under("anew", repositories.listAll());
    expect(all.sort()).toEqual([
      [100, false],
      [70, true],
    ]);
  });

  test("stays so whatever is changed", async () => {
    const former = await register(1_001, "acme", "changed");
    const next = await register(1_002, "acme", "changed");
    // By a request that looked it up before.
    await repositories.change(former.id, { enabled: true });
    expect(await under("changed")).toEqual([[1_002, true]]);
    await repositories.change(next.id, { enabled: false });
    expect(await under("changed")).toEqual([[1_002, false]]);
    expect(await repositories.byGithubId(1_001)).toMatchObject({
      enabled: false,
    });
  });

  test("is noted with the one that it replaces", async () => {
    await register(1_011, "acme", "noted");
    await register(1_012, "acme", "noted");
    const noted = await sut.stores.audit.page(
      { action: "repository.added", repository: "acme/noted" },
      null,
      10,
    );
    expect(noted.map(({ details }) => details)).toEqual([
      { github_id: 1_012, replaces: 1_011 },
      { github_id: 1_011 },
    ]);
  });

  test("is one alone, however many are stored at once", async () => {
    const ids = Array.from({ length: 12 }, (_, n) => 1_020 + n);
    await Promise.all(ids.map((id) => register(id, "acme", "raced")));
    const [meant, ...others] = await under("raced");
    expect(others).toEqual([]);
    expect(meant?.[1]).toBe(true);
    const byName = await repositories.byName("acme", "raced");
    expect(byName?.githubId).toBe(meant?.[0]);
    const all = await under("raced", repositories.listAll());
    expect(all).toHaveLength(ids.length);
    expect(all.filter(([, enabled]) => enabled)).toEqual([meant]);
  });
});

test("repositories that changed names with each other are served again once both are known", async () => {
  await register(2_001, "acme", "left");
  const second = await register(2_002, "acme", "right");
  await repositories.change(second.id, { policy: { max_concurrent: 2 } });
  await register(2_001, "acme", "right");
  expect(await under("right")).toEqual([[2_001, true]]);
  expect(await under("left")).toEqual([]);
  await register(2_002, "acme", "left");
  expect(await under("right")).toEqual([[2_001, true]]);
  expect(await repositories.byName("acme", "left")).toMatchObject({
    githubId: 2_002,
    enabled: true,
    policy: { max_concurrent: 2 },
  });
});

test("a repository that was switched off stays so when its name comes and goes", async () => {
  const { id } = await register(3_001, "acme", "off");
  await repositories.change(id, { enabled: false });
  await register(3_002, "acme", "off");
  await register(3_001, "acme", "off-again");
  expect(await under("off-again")).toEqual([[3_001, false]]);
});
