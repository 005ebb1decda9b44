import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  test,
} from "@jest/globals";
import { stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Identity } from "@pullwright/sandbox";
import { asOrdinaryUser } from "@pullwright/testing";

import { Bench, owner } from "../__fixtures__/bench.js";
import { asAgent } from "../__fixtures__/as-agent.js";
import { Git, type GitScope } from "../git/git.js";
import { checkoutFolder, type Checkout } from "./checkout.js";
import { holdsExactly } from "./holds-exactly.js";

const SEARCH_PATH = "/usr/local/bin:/usr/bin:/bin";

let bench: Bench;
let checkout: Checkout;
beforeAll(async () => {
  bench = await Bench.open({
    "README.md": "# Demo\n",
    ".gitignore": "ignored\n",
    "a/b/c.js": "one\n",
    "a/b-d.js": "two\n",
    "a\nb/ü.js": "three\n",
  });
  await bench.prepare();
});
afterAll(() => bench.close());

let attempts = 0;
beforeEach(async () => {
  attempts += 1;
  const startSha = bench.server.tip("demo", "main");
  checkout = await bench.prepare({ attemptId: `next-${attempts}`, startSha });
});
afterEach(() => bench.workspaces.release(checkout, { discard: true }));

async function isHeld(
  {
    commit = checkout.headSha,
    identity,
  }: { commit?: string; identity?: Identity | undefined } = {
    identity: owner,
  },
): Promise<boolean> {
  const { root } = bench.workspaces;
  const { gitDir, tree } = checkoutFolder(dirname(checkout.path));
  const scope: Required<GitScope> = {
    gitDir,
    workTree: tree,
    objects: join(root, "mirrors", "4711.git", "objects"),
  };
  const git = new Git({
    home: join(root, "home"),
    searchPath: SEARCH_PATH,
    identity,
    network: {},
  });
  return holdsExactly(git, scope, commit, SEARCH_PATH);
}

test("a tree that nobody touched is held, whatever the agent's own repository holds", async () => {
  expect(await isHeld()).toBe(true);
  asAgent(checkout, "echo x > .git/more; mkdir -p .git/hooks/deep");
  expect(await isHeld()).toBe(true);
});

test("what was committed from it is held, and what was there before is not any more", async () => {
  asAgent(checkout, "echo more > a/new.js; rm README.md");
  const answer = await bench.workspaces.commit(checkout, bench.commitRequest());
  if (answer.kind !== "committed") throw new Error(answer.kind);
  expect(await isHeld({ commit: answer.commit.sha, identity: owner })).toBe(
    true,
  );
  expect(await isHeld()).toBe(false);
});

test.each([
  ["a changed file", "echo other > README.md"],
  ["a file that is gone", "rm a/b/c.js"],
  ["a new file", "echo x > a/new"],
  ["an ignored file", "echo x > ignored"],
  ["an empty folder", "mkdir a/empty"],
  ["an empty folder in one of its own", "mkdir -p a/more/empty"],
  ["an empty folder at the very end", "mkdir -p zzz/zzz"],
  [
    "a file in an empty folder's place",
    "rm README.md; mkdir -p x/y; echo x > x/z",
  ],
  ["a pipe", "mkfifo a/pipe"],
  ["a link in a file's place", "rm README.md; ln -s a/b-d.js README.md"],
  ["a link in a folder's place", "mv a/b .git/b; ln -s ../.git/b a/b"],
  ["a file in another's place", "rm README.md; echo x > README.markdown"],
  ["a file that may be run", "chmod +x README.md"],
  ["a nested repository", "git init -q nested"],
  ["a repository in a folder of ours", "mkdir a/.git; echo x > a/.git/HEAD"],
  [
    "a file in a folder that nobody may read",
    "mkdir a/no; echo x > a/no/x; chmod 0 a/no",
  ],
  ["a folder of ours that nobody may read any more", "chmod 0 a"],
  ["a folder of ours whose files nobody can list", "chmod 300 a/b"],
  ["a folder of ours that nobody may write", "chmod 500 a"],
  ["the tree itself, when nobody can list it", "chmod 300 ."],
])("%s is seen", async (_what, code) => {
  asAgent(checkout, code);
  expect(await isHeld()).toBe(false);
});

test("what may not be read is not taken for what is there, whoever looks", async () => {
  asAgent(checkout, "mkdir a/no; echo x > a/no/x; chmod 0 a/no");
  expect(await asOrdinaryUser(() => isHeld({ identity: undefined }))).toBe(
    false,
  );
});

test("a change that leaves size and times as they were is seen", async () => {
  const file = join(checkout.path, "README.md");
  const before = await stat(file);
  asAgent(checkout, "printf '# DEMO\\n' > README.md");
  await utimes(file, before.atime, before.mtime);
  expect(await isHeld()).toBe(false);
});
