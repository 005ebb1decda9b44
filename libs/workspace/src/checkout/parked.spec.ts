import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { Bench, owner } from "../__fixtures__/bench.js";
import { createWorkspaces, type Workspaces } from "../workspaces.js";

let bench: Bench;
/** A runner of the same folder whose disk is never empty enough. */
let crowded: Workspaces;
beforeEach(async () => {
  bench = await Bench.open();
  crowded = await createWorkspaces({
    root: bench.workspaces.root,
    owner,
    aheadFromMs: 0,
    keepFree: 1,
  });
});
afterEach(async () => {
  await crowded.close();
  await bench.close();
});

const kept = (name: "parked" | "spares") =>
  readdir(join(bench.workspaces.root, name));
const park = async () =>
  bench.workspaces.release(await bench.prepare({ attemptId: "before" }));

test("no tree is kept on a disk without room, and the next phase lays out its own", async () => {
  await crowded.release(await crowded.prepare(bench.request()));
  await crowded.idle();
  expect(await kept("parked")).toEqual([]);
  expect(await kept("spares")).toEqual([]);
  const next = await crowded.prepare(bench.request({ attemptId: "next" }));
  expect(next.reused).toBe(false);
});

test("trees that are kept make room before another is laid out", async () => {
  await park();
  expect(await kept("parked")).toHaveLength(1);
  await crowded.prepare(bench.request({ branch: "pullwright/8-other" }));
  expect(await kept("parked")).toEqual([]);
});

test("the tree that a phase goes on with is used all the same", async () => {
  await park();
  expect((await crowded.prepare(bench.request())).reused).toBe(true);
});

test("the reaper makes room too", async () => {
  await park();
  const [key = ""] = await kept("parked");
  const live = { liveAttemptIds: new Set<string>() };
  expect(await bench.workspaces.reap(live)).toEqual([]);
  expect(await crowded.reap(live)).toEqual([key]);
  expect(await kept("parked")).toEqual([]);
});
