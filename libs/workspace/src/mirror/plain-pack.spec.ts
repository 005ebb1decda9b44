import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Bench, owner } from "../__fixtures__/bench.js";
import { createWorkspaces } from "../workspaces.js";

const FILES = 20;
const text = (index: number, version = 1) =>
  `line ${index} of ${version}\n`.repeat(200);
const files = (version = 1) =>
  Object.fromEntries(
    Array.from({ length: FILES }, (_, index) => [
      `src/f${index}.txt`,
      text(index, version),
    ]),
  );

let bench: Bench;
let troubles: unknown[];
beforeEach(async () => {
  troubles = [];
  bench = await Bench.open(files(), {
    aheadFromMs: 0,
    onTrouble: (error) => troubles.push(error),
  });
});
afterEach(() => bench.close());

const mirror = () => join(bench.workspaces.root, "mirrors/4711.git");
const packs = () => join(mirror(), "objects/pack");
const plainPack = () => readFile(join(mirror(), "plain-pack"), "utf8");
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "safe.directory=*", "-C", mirror(), ...args], {
    encoding: "utf8",
  });
let runs = 0;
/** A run's only phase, and what is made ready after it. */
async function phase(version = 1) {
  runs += 1;
  const checkout = await bench.prepare({
    attemptId: `attempt-${runs}`,
    branch: `pullwright/${runs}-x`,
  });
  const path = join(checkout.path, "src/f7.txt");
  expect(await readFile(path, "utf8")).toBe(text(7, version));
  await bench.workspaces.release(checkout);
  await bench.workspaces.idle();
}

test("after a slow checkout the mirror holds all files once more, uncompressed, and everything reads as before", async () => {
  await phase();
  const name = await plainPack();
  const lines = git("verify-pack", "-v", join(packs(), `${name}.idx`))
    .split("\n")
    .filter((line) => / blob /.test(line));
  expect(lines).toHaveLength(FILES);
  for (const line of lines) {
    const [, , bytes, packed] = line.split(/ +/).map(Number);
    // No difference to another object, and not a byte less than the file has.
    expect(packed).toBeGreaterThanOrEqual(bytes ?? NaN);
  }
  git("fsck", "--full", "--strict");
  await phase();
  expect(troubles).toEqual([]);
  expect(await readdir(join(bench.workspaces.root, "mirrors"))).toEqual([
    "4711.git",
  ]);
});

test("it stays while most files are the same, and is made anew once they are not", async () => {
  await phase();
  const first = await plainPack();
  await bench.server.commit("demo", "main", { "src/f0.txt": "changed\n" });
  await phase();
  expect(await plainPack()).toBe(first);
  await bench.server.commit("demo", "main", files(2));
  await phase(2);
  const second = await plainPack();
  expect(second).not.toBe(first);
  const there = await readdir(packs());
  expect(there).toContain(`${second}.pack`);
  expect(there.filter((file) => file.startsWith(first))).toEqual([]);
  // What was in it is still in the packs that came from the server.
  git("fsck", "--full", "--strict");
  expect(troubles).toEqual([]);
});

test("one that somebody removed is made again", async () => {
  await phase();
  const name = await plainPack();
  for (const ending of ["idx", "rev", "pack"])
    await rm(join(packs(), `${name}.${ending}`), { force: true });
  await phase();
  expect(await readdir(packs())).toContain(`${name}.idx`);
});

test("there is none of a commit that is too large to be kept twice", async () => {
  const all = FILES * text(0).length;
  await bench.close();
  bench = await Bench.open(files(), {
    aheadFromMs: 0,
    plainUpToBytes: all,
    onTrouble: (error) => troubles.push(error),
  });
  await phase();
  expect(await readdir(mirror())).not.toContain("plain-pack");
  await bench.server.commit("demo", "main", { "src/f0.txt": "short\n" });
  await phase();
  expect(await plainPack()).toMatch(/^pack-/);
  expect(troubles).toEqual([]);
});

test("where it cannot be made the next tree is laid out all the same, and the trouble is told", async () => {
  await bench.workspaces.remoteTip(bench.request()); // Makes the mirror.
  await mkdir(join(mirror(), "plain-pack"));
  await phase();
  expect(troubles).toHaveLength(1);
  expect(await readdir(join(bench.workspaces.root, "spares"))).toHaveLength(1);
});

test("what a killed process left half-made is swept away", async () => {
  const mirrors = join(bench.workspaces.root, "mirrors");
  await mkdir(join(mirrors, ".gone-x/pack"), { recursive: true });
  await writeFile(join(mirrors, ".gone-x/pack/tmp_pack_1"), "half");
  await createWorkspaces({ root: bench.workspaces.root, owner });
  expect(await readdir(mirrors)).toEqual([]);
});
