import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  test,
} from "@jest/globals";
import { execFileSync } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { Bench } from "../__fixtures__/bench.js";
import { asAgent } from "../__fixtures__/as-agent.js";
import type { Checkout } from "../checkout/checkout.js";

const MIB = 1024 ** 2;

let bench: Bench;
let checkout: Checkout;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

let runs = 0;
let branch: string;
beforeEach(async () => {
  runs += 1;
  branch = `pullwright/${runs}-x`;
  checkout = await bench.prepare({ branch, attemptId: `first-of-${runs}` });
});
afterEach(() => bench.workspaces.release(checkout, { discard: true }));

const commit = () => bench.workspaces.commit(checkout, bench.commitRequest());
const ownObjects = () => objectsIn(join(checkout.path, "../git/objects"));
const mirrorObjects = () => objectsIn(checkout.readOnly[0] ?? "");

async function objectsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  return names.filter((name) => /^[0-9a-f]{2}\/|^pack\//.test(name)).sort();
}

test("what is refused never reaches the mirror, and goes with the tree's next use", async () => {
  const before = await mirrorObjects();
  asAgent(checkout, "echo x > AGENTS.md; echo two > src/app.js");
  expect(await commit()).toMatchObject({ kind: "refused" });
  expect((await bench.workspaces.diffOfTree(checkout))?.text).toContain("+two");
  expect(await ownObjects()).not.toEqual([]);
  expect(await mirrorObjects()).toEqual(before);

  await bench.workspaces.release(checkout);
  checkout = await bench.prepare({ branch, attemptId: `second-of-${runs}` });
  expect(checkout.reused).toBe(true);
  expect(await ownObjects()).toEqual([]);
  asAgent(checkout, "echo three > src/app.js");
  expect(await commit()).toMatchObject({ kind: "committed" });
});

test("what is committed is in the mirror as a whole, also what was staged by a try before", async () => {
  asAgent(
    checkout,
    "echo x > AGENTS.md; echo two > src/app.js; mkdir new; echo y > new/file",
  );
  expect(await commit()).toMatchObject({ kind: "refused" });
  asAgent(checkout, "rm AGENTS.md");
  const answer = await commit();
  if (answer.kind !== "committed") throw new Error(answer.kind);
  expect(await ownObjects()).toEqual([]);
  const { workspaces } = bench;
  const clean = await workspaces.cleanCheckout(checkout, answer.commit.sha);
  expect(await readdir(join(clean.path, "new"))).toEqual(["file"]);
  const git = ["-c", "safe.directory=*", "--git-dir"];
  const mirror = join(checkout.readOnly[0] ?? "", "..");
  execFileSync("git", [...git, mirror, "fsck", answer.commit.sha], {
    stdio: "pipe",
  });
});

test("more than may be committed is refused before any of it is stored", async () => {
  const before = await mirrorObjects();
  asAgent(checkout, "for i in $(seq 40); do truncate -s 4M part$i; done");
  expect(await commit()).toMatchObject({
    kind: "refused",
    violations: [{ rule: "change_too_large", path: null }],
  });
  expect(await ownObjects()).toEqual([]);
  expect(await mirrorObjects()).toEqual(before);
});

test("files that were only touched count for nothing, however large", async () => {
  await bench.workspaces.release(checkout);
  await bench.server.commit("demo", branch, {
    ...Object.fromEntries(
      Array.from({ length: 5 }, (_, index) => [
        `assets/${index.toString()}.txt`,
        index.toString().repeat(4.5 * MIB),
      ]),
    ),
    "assets/large.txt": "x".repeat(6 * MIB),
  });
  checkout = await bench.prepare({ branch, attemptId: `second-of-${runs}` });
  asAgent(checkout, "touch -d 2001-01-01 assets/*; echo two > src/app.js");
  expect(await commit()).toMatchObject({
    kind: "committed",
    commit: { files: 1 },
  });
});
