import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  test,
} from "@jest/globals";
import { chmod, lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { asOrdinaryUser } from "@pullwright/testing";

import { Bench } from "../__fixtures__/bench.js";
import { asAgent } from "../__fixtures__/as-agent.js";
import { Git } from "../git/git.js";
import { type Checkout, checkoutFolder } from "./checkout.js";
import { OwnedFolders } from "./owned-folders.js";
import { emptySubmoduleFolders } from "./submodule-folders.js";

const SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin";

let bench: Bench;
let checkout: Checkout;
let outside: string;
beforeAll(async () => {
  bench = await Bench.open({ "README.md": "# Demo\n", "src/app.js": "one\n" });
  await submodule("main", "vendor/x");
  outside = join(bench.folder, "outside");
  await mkdir(join(outside, "x"), { recursive: true });
  await writeFile(join(outside, "x", "kept"), "kept\n");
  await chmod(outside, 0o777);
  await chmod(join(outside, "x"), 0o777);
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

/** A branch gets a submodule, of which a checkout has no more than an empty folder. */
async function submodule(branch: string, path: string): Promise<void> {
  const { server } = bench;
  const commit = server.tip("demo", "main");
  await server.commit("demo", branch, { [path]: { submodule: commit } });
}

async function nextPhase(isClosed = false): Promise<string[]> {
  await bench.workspaces.release(checkout);
  checkout = await bench.prepare({ branch, attemptId: `second-of-${runs}` });
  // With a folder that is closed it is worth nothing.
  expect(checkout.reused).toBe(!isClosed);
  const names = await readdir(checkout.path, { recursive: true });
  return names.filter((name) => !/^\.git(\/|$)/.test(name)).sort();
}

/** Whether the folder is there, and empty, or not at all makes no difference. */
const isNotTheFolder = (name: string) => !/^vendor(\/x)?$/.test(name);

test.each([
  // As many files as the index has entries, and no folder is empty.
  ["a file", "echo x > vendor/x/conftest.py"],
  ["files and folders", "mkdir -p vendor/x/a/b; echo x > vendor/x/a/b/c"],
  ["a repository", "git init -q vendor/x; echo x > vendor/x/y"],
  ["a link in its place", 'rmdir vendor/x; ln -s "$OUTSIDE/x" vendor/x'],
  ["a link on the way", 'rm -r vendor; ln -s "$OUTSIDE" vendor'],
  ["a file in its place", "rmdir vendor/x; echo x > vendor/x"],
  ["nothing in its place", "rm -r vendor"],
  [
    "rights that nobody has",
    "echo x > vendor/x/y; chmod 0 vendor/x; chmod 500 vendor",
  ],
])("%s in a submodule's folder is gone in the next phase", async (_, code) => {
  asAgent(checkout, code, { OUTSIDE: outside });
  expect((await nextPhase(/chmod/.test(code))).filter(isNotTheFolder)).toEqual([
    "README.md",
    "src",
    "src/app.js",
  ]);
  expect(await readdir(join(outside, "x"))).toEqual(["kept"]);
});

test("so it is where the submodule is new, and a folder of the agent's stood there", async () => {
  asAgent(
    checkout,
    "mkdir -p lib/y; echo x > lib/y/conftest.py; echo two > src/app.js",
  );
  await submodule(branch, "lib/y");
  expect((await nextPhase()).filter(isNotTheFolder)).toEqual([
    "README.md",
    "lib",
    "lib/y",
    "src",
    "src/app.js",
  ]);
});

test("what an agent puts there is no change, and is in no commit", async () => {
  asAgent(checkout, "echo x > vendor/x/y; git init -q vendor/x");
  const { workspaces } = bench;
  expect(await workspaces.commit(checkout, bench.commitRequest())).toEqual({
    kind: "no_changes",
  });
  expect(await readdir(join(checkout.path, "vendor/x"))).toEqual([]);
});

test("one that cannot be emptied is an error: git must not look at that tree", async () => {
  asAgent(checkout, "echo x > vendor/x/y; chmod 500 vendor vendor/x");
  const { root } = bench.workspaces;
  const { gitDir, tree } = checkoutFolder(join(checkout.path, ".."));
  const scope = {
    gitDir,
    workTree: tree,
    objects: join(root, "mirrors", "4711.git", "objects"),
  };
  const git = new Git({
    home: join(root, "home"),
    searchPath: SEARCH_PATH,
    identity: undefined,
    network: {},
  });
  await asOrdinaryUser(() =>
    expect(
      emptySubmoduleFolders(
        git,
        scope,
        new OwnedFolders(undefined, SEARCH_PATH),
      ),
    ).rejects.toMatchObject({ code: "GIT_FAILED" }),
  );
  expect((await lstat(join(tree, "vendor/x/y"))).isFile()).toBe(true);
});
