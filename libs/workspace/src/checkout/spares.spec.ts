import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { chmod, cp, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { Bench, owner } from "../__fixtures__/bench.js";
import { createWorkspaces } from "../workspaces.js";

let bench: Bench;
let troubles: unknown[];
beforeEach(async () => {
  troubles = [];
  bench = await Bench.open(undefined, {
    aheadFromMs: 0,
    onTrouble: (error) => troubles.push(error),
  });
});
afterEach(() => bench.close());

const spares = () => join(bench.workspaces.root, "spares");
const run = (number: number) =>
  bench.prepare({
    attemptId: `attempt-${number.toString()}`,
    branch: `pullwright/${number.toString()}-x`,
  });
/** A run's only phase, and what is laid out after it. */
async function phase(number: number) {
  const checkout = await run(number);
  await bench.workspaces.release(checkout);
  await bench.workspaces.idle();
}

test("after a phase whose tree was slow the next is laid out, and the next run gets it", async () => {
  await phase(1);
  const [key = ""] = await readdir(spares());
  const inode = await inodeOf(join(spares(), key, "tree"));
  const second = await run(2);
  expect(await inodeOf(second.path)).toBe(inode);
  expect(second.reused).toBe(false);
  expect(await readFile(join(second.path, "src/app.js"), "utf8")).toBe("one\n");
  expect(await readdir(spares())).toEqual([]);
  // Two at once: there is one for the first.
  const third = await run(3);
  expect(third.path).not.toBe(second.path);
  await bench.workspaces.release(second);
  await bench.workspaces.release(third);
  await bench.workspaces.idle();
  expect(await readdir(spares())).toEqual([key]);
  expect(troubles).toEqual([]);
});

test("where two may want one at once, there are two once two have", async () => {
  const two = await createWorkspaces({
    root: join(bench.folder, "two"),
    owner,
    aheadFromMs: 0,
    atOnce: 2,
    onTrouble: (error) => troubles.push(error),
  });
  const folder = join(two.root, "spares");
  let numbers = 0;
  const together = async (count: number) => {
    const checkouts = await Promise.all(
      Array.from({ length: count }, () => {
        numbers += 1;
        const name = numbers.toString();
        return two.prepare({
          ...bench.request(),
          attemptId: `attempt-${name}`,
          branch: `pullwright/${name}-x`,
        });
      }),
    );
    const inodes = await Promise.all(
      checkouts.map(({ path }) => inodeOf(path)),
    );
    for (const checkout of checkouts) await two.release(checkout);
    await two.idle();
    return inodes.sort();
  };
  const laidOut = async () =>
    (
      await Promise.all(
        (await readdir(folder)).map((key) =>
          inodeOf(join(folder, key, "tree")),
        ),
      )
    ).sort();

  await together(1);
  expect(await laidOut()).toHaveLength(1);
  await together(2);
  const both = await laidOut();
  expect(both).toHaveLength(2);
  expect(await together(2)).toEqual(both);
  await together(3);
  expect(await laidOut()).toHaveLength(2);
  await together(1);
  expect(await laidOut()).toHaveLength(2);
  expect(troubles).toEqual([]);
  await two.close();
});

test("it is made equal to what the base branch is by then", async () => {
  await phase(1);
  const tip = await bench.server.commit("demo", "main", {
    "src/app.js": "two\n",
    "more.txt": "x\n",
  });
  const second = await run(2);
  expect(second.headSha).toBe(tip);
  expect(await readFile(join(second.path, "src/app.js"), "utf8")).toBe("two\n");
  expect((await readdir(second.path)).sort()).toEqual([
    ".git",
    "README.md",
    "more.txt",
    "src",
  ]);
});

test("a run's next phase has its own tree, and leaves the spare", async () => {
  await phase(1);
  const again = await bench.prepare({
    attemptId: "again",
    branch: "pullwright/1-x",
  });
  expect(again.reused).toBe(true);
  expect(await readdir(spares())).toHaveLength(1);
});

test("where laying out is fast nothing is laid out ahead", async () => {
  const quick = await createWorkspaces({
    root: join(bench.folder, "quick"),
    owner,
    aheadFromMs: 60_000,
  });
  const checkout = await quick.prepare(bench.request());
  await quick.release(checkout);
  await quick.idle();
  expect(await readdir(join(quick.root, "spares"))).toEqual([]);
  await quick.close();
});

test("what cannot be laid out is told, leaves nothing, and hinders no run", async () => {
  const first = await run(1);
  const objects = join(bench.workspaces.root, "mirrors", "4711.git", "objects");
  await chmod(objects, 0);
  await bench.workspaces.release(first);
  await bench.workspaces.idle();
  await chmod(objects, 0o700);
  expect(troubles.map(String)).toContainEqual(
    expect.stringContaining("git read-tree failed"),
  );
  expect(await readdir(spares())).toEqual([]);
  await phase(2);
  expect(await readdir(spares())).toHaveLength(1);
});

test("the end waits for what is being laid out, and begins no more", async () => {
  const first = await run(1);
  const second = await run(2);
  await bench.workspaces.release(first);
  await bench.workspaces.close();
  const kept = await readdir(spares());
  expect(kept.filter((name) => name.startsWith("."))).toEqual([]);
  // With one there, no other would be begun anyway.
  for (const name of kept)
    await rm(join(spares(), name), { recursive: true, force: true });
  await bench.workspaces.release(second);
  await bench.workspaces.idle();
  expect(await readdir(spares())).toEqual([]);
  expect(troubles).toEqual([]);
});

test("an unused one stays for a while, and what a killed process left half does not", async () => {
  await phase(1);
  await bench.workspaces.reap({ liveAttemptIds: new Set() });
  const [key = ""] = await readdir(spares());
  await cp(join(spares(), key), join(spares(), ".gone-half"), {
    recursive: true,
  });
  const again = await createWorkspaces({ root: bench.workspaces.root, owner });
  expect(await readdir(spares())).toEqual([key]);
  await again.close();
});

const inodeOf = async (path: string) => (await stat(path)).ino;
