import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { execFileSync } from "node:child_process";
import {
  lstat,
  mkdir,
  readdir,
  readFile,
  rm,
  stat,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";

import { Bench, BRANCH, owner, TRAILERS } from "./__fixtures__/bench.js";
import { asAgent } from "./__fixtures__/as-agent.js";
import type { Checkout } from "./checkout/checkout.js";
import { createWorkspaces } from "./workspaces.js";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

async function committed(checkout: Checkout, more = {}) {
  const answer = await bench.workspaces.commit(
    checkout,
    bench.commitRequest(more),
  );
  if (answer.kind !== "committed") throw new Error(JSON.stringify(answer));
  return answer.commit;
}

describe("preparing", () => {
  test("a new run starts from the tip of its base branch", async () => {
    const checkout = await bench.prepare();
    const base = bench.server.tip("demo", "main");
    expect(checkout).toMatchObject({
      headSha: base,
      baseSha: base,
      baseTipSha: base,
      remoteSha: null,
      reused: false,
    });
    expect(await readFile(join(checkout.path, "src/app.js"), "utf8")).toBe(
      "one\n",
    );
    expect((await stat(join(checkout.path, "src/app.js"))).uid).toBe(
      owner?.uid ?? process.getuid?.(),
    );
  });

  test("a run that has a branch goes on from its tip, and knows where it forked", async () => {
    const base = bench.server.tip("demo", "main");
    const mine = await bench.server.commit("demo", BRANCH, {
      "new.txt": "x\n",
    });
    const moved = await bench.server.commit("demo", "main", {
      "other.txt": "y\n",
    });
    const checkout = await bench.prepare();
    expect(checkout).toMatchObject({
      headSha: mine,
      baseSha: base,
      baseTipSha: moved,
      remoteSha: mine,
    });
  });

  test("a run that has recorded nothing starts from the base branch, whatever lies on its own", async () => {
    const mine = await bench.server.commit("demo", BRANCH, {
      "new.txt": "x\n",
    });
    const checkout = await bench.prepare({ startSha: null });
    expect(checkout).toMatchObject({
      headSha: bench.server.tip("demo", "main"),
      remoteSha: mine,
    });
  });

  test("a retry starts from the commit that it is told, though the branch went on", async () => {
    const first = await bench.server.commit("demo", BRANCH, {
      "new.txt": "1\n",
    });
    const second = await bench.server.commit("demo", BRANCH, {
      "new.txt": "2\n",
    });
    const checkout = await bench.prepare({ startSha: first });
    expect(checkout).toMatchObject({ headSha: first, remoteSha: second });
    expect(await readFile(join(checkout.path, "new.txt"), "utf8")).toBe("1\n");
  });

  test("what is here already is not asked for again", async () => {
    const first = await bench.prepare();
    await bench.workspaces.release(first);
    const calls = bench.server.seen.length;
    const again = await bench.prepare({
      attemptId: "attempt-2",
      startSha: first.headSha,
    });
    expect(bench.server.seen.length).toBe(calls);
    expect(again.reused).toBe(true);
  });

  test("the branch's neighbours with the same beginning are not mistaken for it", async () => {
    await bench.server.commit("demo", `${BRANCH}-2`, { "new.txt": "x\n" });
    expect((await bench.prepare()).remoteSha).toBeNull();
  });

  test("a tree that cannot be laid out leaves nothing behind", async () => {
    const repository = join(bench.folder, "server", "demo.git");
    const git = (args: string[], input = "") =>
      execFileSync("git", ["-C", repository, ...args], {
        input,
        encoding: "utf8",
      }).trim();
    const blob = git(["hash-object", "-w", "--stdin"], "text");
    // Longer than any file system takes.
    const name = "n".repeat(300);
    const tree = git(["mktree"], `100644 blob ${blob}\t${name}\n`);
    const who = ["-c", "user.name=ada", "-c", "user.email=ada@localhost"];
    const commit = git([...who, "commit-tree", tree, "-m", "too long"]);
    git(["update-ref", "refs/heads/main", commit]);

    await expect(bench.prepare()).rejects.toThrow();
    const checkouts = join(bench.workspaces.root, "checkouts");
    expect(await readdir(checkouts)).toEqual([]);
  });

  test("a cancel is heard while another runner holds the mirror, and while a tree is laid out", async () => {
    const first = await bench.prepare();
    const mirrors = join(bench.workspaces.root, "mirrors");
    const holder = { token: "x", host: "elsewhere", sinceMs: Date.now() };
    await writeFile(join(mirrors, "4711.git.lock"), JSON.stringify(holder));
    const stop = new AbortController();
    const waiting = bench.prepare({
      attemptId: "a",
      fetch: "always",
      signal: stop.signal,
    });
    setTimeout(() => {
      stop.abort(new Error("cancelled"));
    }, 100);
    await expect(waiting).rejects.toThrow("cancelled");
    const known = { startSha: first.headSha, branch: "pullwright/8-x" };
    await expect(
      bench.prepare({ ...known, attemptId: "b", signal: stop.signal }),
    ).rejects.toThrow("git read-tree failed");
    await expect(
      bench.workspaces.cleanCheckout(first, first.baseSha, stop),
    ).rejects.toThrow("git read-tree failed");
    expect(await readdir(join(mirrors, "..", "checkouts"))).toEqual([first.id]);
    expect(await readdir(mirrors)).toEqual(["4711.git", "4711.git.lock"]);
  });

  test("two attempts at once get a tree each", async () => {
    const [one, two] = await Promise.all([
      bench.prepare({ attemptId: "a" }),
      bench.prepare({ attemptId: "b", branch: "pullwright/8-x" }),
    ]);
    expect(one.path).not.toBe(two.path);
    expect(await readdir(one.path)).toEqual(await readdir(two.path));
  });

  test("a base branch that does not exist, a wrong token and a broken server are told apart", async () => {
    await expect(
      bench.prepare({ baseBranch: "nowhere" }),
    ).rejects.toMatchObject({ code: "GIT_NOT_FOUND" });
    const wrong = { token: () => Promise.resolve("wrong-token") };
    await expect(
      bench.prepare({ credentials: wrong, fetch: "always" }),
    ).rejects.toMatchObject({ code: "GIT_AUTH" });
    bench.server.broken = 503;
    await expect(bench.prepare({ fetch: "always" })).rejects.toMatchObject({
      code: "GIT_UNREACHABLE",
    });
    await bench.server.stop();
    await expect(bench.prepare({ fetch: "always" })).rejects.toMatchObject({
      code: "GIT_UNREACHABLE",
    });
  });

  test("names that git would read as options or expressions go nowhere", async () => {
    for (const branch of [
      "--upload-pack=touch /tmp/pwned",
      "a..b",
      "x@{1}",
      "a b",
      "-x",
      "a.lock",
      "../x",
    ]) {
      await expect(bench.prepare({ branch })).rejects.toMatchObject({
        code: "INVALID_NAME",
      });
    }
    await expect(bench.prepare({ startSha: "HEAD" })).rejects.toMatchObject({
      code: "INVALID_NAME",
    });
  });

  test("addresses other than https and this machine's http are refused, and so is a password in one", async () => {
    for (const cloneUrl of [
      "ext::sh -c id",
      "file:///etc",
      "ssh://git@host/x",
      "http://example.com/x.git",
      "https://u:p@example.com/x.git",
      "--help",
    ]) {
      const repository = { id: "9", cloneUrl };
      await expect(bench.prepare({ repository })).rejects.toMatchObject({
        code: "INVALID_NAME",
      });
    }
  });
});

describe("the agent's own git", () => {
  test("works in the tree, though it is not ours", async () => {
    const checkout = await bench.prepare();
    asAgent(checkout, "echo two > src/app.js; echo x > new.txt");
    expect(asAgent(checkout, "git status --porcelain")).toBe(
      " M src/app.js\n?? new.txt\n",
    );
    expect(
      asAgent(
        checkout,
        "git branch --show-current; git log --format=%s origin/main",
      ),
    ).toBe(`${BRANCH}\nfirst\n`);
    asAgent(checkout, "git add -A; git commit -qm mine");
    // Its commit is its own affair: ours is made from the files.
    const commit = await committed(checkout);
    expect(commit.changes.map((change) => change.path)).toEqual([
      "new.txt",
      "src/app.js",
    ]);
    expect(
      bench.server.show("demo", "log", "--oneline", "--all").split("\n"),
    ).toHaveLength(1);
  });
});

describe("using a tree again", () => {
  test("it is equal to the commit whatever the agent did to it", async () => {
    const first = await bench.prepare();
    asAgent(first, "echo changed > src/app.js; echo ignored > .gitignore");
    const commit = await committed(first);
    const before = await stat(join(first.path, "README.md"));
    asAgent(
      first,
      [
        "printf '# DEMO\\n' > README.md", // As long as before,
        "echo 'log' > ignored; mkdir -p node_modules/x && echo y > node_modules/x/y",
        "rm -rf .git && ln -s /etc .git",
        "mkdir -p src/.git && echo 'ref: x' > src/.git/HEAD",
        "git init -q nested && echo z > nested/z",
        "rm src/app.js && mkdir src/app.js && echo w > src/app.js/w",
      ].join("; "),
    );
    await utimes(join(first.path, "README.md"), before.atime, before.mtime); // and as old.
    await bench.workspaces.release(first);

    const second = await bench.prepare({
      attemptId: "attempt-2",
      startSha: commit.sha,
    });
    expect(second.reused).toBe(true);
    const names = (await readdir(second.path, { recursive: true }))
      .filter((name) => !/^\.git(\/|$)/.test(name))
      .sort();
    expect(names).toEqual([".gitignore", "README.md", "src", "src/app.js"]);
    expect(await readFile(join(second.path, "README.md"), "utf8")).toBe(
      "# Demo\n",
    );
    expect(await readFile(join(second.path, "src/app.js"), "utf8")).toBe(
      "changed\n",
    );
    expect((await lstat(join(second.path, ".git"))).isDirectory()).toBe(true);
    expect(asAgent(second, "git status --porcelain")).toBe("");
  });

  test("it goes to another commit of the branch, in both directions", async () => {
    const first = await bench.prepare();
    asAgent(first, "git mv src/app.js moved.js; rm README.md");
    const commit = await committed(first);
    await bench.workspaces.release(first);
    const back = await bench.prepare({
      attemptId: "attempt-2",
      startSha: first.headSha,
    });
    expect((await readdir(back.path)).sort()).toEqual([
      ".git",
      "README.md",
      "src",
    ]);
    await bench.workspaces.release(back);
    const forth = await bench.prepare({
      attemptId: "attempt-3",
      startSha: commit.sha,
    });
    expect((await readdir(forth.path)).sort()).toEqual([".git", "moved.js"]);
  });

  test("another run never gets it", async () => {
    await bench.workspaces.release(await bench.prepare());
    const other = await bench.prepare({
      attemptId: "other",
      branch: "pullwright/8-other",
    });
    expect(other.reused).toBe(false);
  });

  test("one that was made unusable is made anew", async () => {
    const first = await bench.prepare();
    asAgent(first, "echo x > src/more; chmod 000 src; chmod 500 .");
    await bench.workspaces.release(first);
    const second = await bench.prepare({ attemptId: "attempt-2" });
    expect(await readFile(join(second.path, "src/app.js"), "utf8")).toBe(
      "one\n",
    );
    expect(await readdir(join(second.path, "src"))).toEqual(["app.js"]);
  });

  test("so is one in which a folder hides its files from the tests, whatever else it holds", async () => {
    for (const code of ["chmod 300 src", "chmod 300 src; echo x > more"]) {
      const first = await bench.prepare();
      asAgent(first, code);
      await bench.workspaces.release(first);
      const second = await bench.prepare({ attemptId: "attempt-2" });
      expect(asAgent(second, "ls . src")).toBe(
        ".:\nREADME.md\nsrc\n\nsrc:\napp.js\n",
      );
      await bench.workspaces.release(second, { discard: true });
    }
  });

  test("a clean checkout lies beside the attempt's own", async () => {
    const checkout = await bench.prepare();
    asAgent(checkout, "echo two > src/app.js");
    const commit = await committed(checkout);
    const clean = await bench.workspaces.cleanCheckout(
      checkout,
      checkout.baseSha,
    );
    expect(clean.path).not.toBe(checkout.path);
    expect(await readFile(join(clean.path, "src/app.js"), "utf8")).toBe(
      "one\n",
    );
    const tested = await bench.workspaces.cleanCheckout(checkout, commit.sha);
    expect(await readFile(join(tested.path, "src/app.js"), "utf8")).toBe(
      "two\n",
    );
  });
});

describe("reaping", () => {
  test("what attempts left that are over is removed, what lives stays", async () => {
    const live = await bench.prepare({ attemptId: "live" });
    const dead = await bench.prepare({
      attemptId: "dead",
      branch: "pullwright/8-x",
    });
    asAgent(dead, "mkdir -p locked/in && chmod 500 locked");
    expect(
      await bench.workspaces.reap({ liveAttemptIds: new Set(["live"]) }),
    ).toEqual(["dead"]);
    await expect(stat(dead.path)).rejects.toMatchObject({ code: "ENOENT" });
    expect((await stat(live.path)).isDirectory()).toBe(true);
  });

  test("what another living process works in stays", async () => {
    const theirs = await bench.prepare({ attemptId: "theirs" });
    const record = join(theirs.path, "..", "record.json");
    const parent = process.ppid;
    const fields =
      (await readFile(`/proc/${parent}/stat`, "latin1"))
        .split(") ")[1]
        ?.split(" ") ?? [];
    await writeFile(
      record,
      JSON.stringify({
        attemptId: "theirs",
        pid: parent,
        startTime: Number(fields[19]),
      }),
    );
    expect(await bench.workspaces.reap({ liveAttemptIds: new Set() })).toEqual(
      [],
    );
    await writeFile(
      record,
      JSON.stringify({ attemptId: "theirs", pid: parent, startTime: 1 }),
    );
    expect(await bench.workspaces.reap({ liveAttemptIds: new Set() })).toEqual([
      "theirs",
    ]);
  });
});

describe("committing", () => {
  test("takes what the agent changed, added and removed, with our trailers", async () => {
    const checkout = await bench.prepare();
    asAgent(
      checkout,
      "echo two >> src/app.js; echo 'ä' > 'näme with space.txt'; rm README.md; echo '#!/bin/sh' > run.sh; chmod +x run.sh",
    );
    const commit = await committed(checkout, {
      author: { name: "Agent X", email: "x@example.com" },
      message: "feat: it\n\nRun: forged\n",
    });
    expect(commit).toMatchObject({
      parentSha: checkout.headSha,
      files: 4,
      insertions: 3,
      deletions: 1,
    });
    expect(
      commit.changes.map(({ path, status, newMode }) => [
        path,
        status,
        newMode,
      ]),
    ).toEqual([
      ["README.md", "deleted", "000000"],
      ["näme with space.txt", "added", "100644"],
      ["run.sh", "added", "100755"],
      ["src/app.js", "modified", "100644"],
    ]);
    await bench.workspaces.push(checkout, {
      sha: commit.sha,
      expected: null,
      runId: TRAILERS.Run,
      credentials: bench.credentials,
    });
    expect(
      bench.server.show("demo", "log", "-1", "--format=%an|%ce|%B", BRANCH),
    ).toBe(
      "Agent X|pullwright@localhost|feat: it\n\nRun: forged\n\nRun: abcd1234\nPhase: build\nAttempt: attempt-1",
    );
    expect(
      (await bench.workspaces.diff(checkout, checkout.headSha, commit.sha))
        .text,
    ).toContain("+two");
    expect(
      await bench.workspaces.diff(checkout, checkout.headSha, commit.sha, {
        maxBytes: 60,
      }),
    ).toMatchObject({ truncated: true });
    expect(
      await bench.workspaces.readFile(checkout, commit.sha, "run.sh"),
    ).toBe("#!/bin/sh\n");
    expect(
      await bench.workspaces.readFile(checkout, commit.sha, "README.md"),
    ).toBeNull();
    expect(
      (
        await bench.workspaces.changedFiles(
          checkout,
          checkout.headSha,
          commit.sha,
        )
      ).length,
    ).toBe(4);
  });

  test("nothing changed is no commit, and leftovers of the agent's tool are nothing", async () => {
    const checkout = await bench.prepare();
    asAgent(
      checkout,
      "touch README.md; echo half > src/new.txt.tmp.4242.0a1b2c; echo y > .scratch",
    );
    const answer = await bench.workspaces.commit(
      checkout,
      bench.commitRequest({ leftovers: [/^\.scratch$/] }),
    );
    expect(answer).toEqual({ kind: "no_changes" });
    expect(await readdir(join(checkout.path, "src"))).toEqual(["app.js"]);
  });

  test("a second commit follows the first", async () => {
    const checkout = await bench.prepare();
    asAgent(checkout, "echo two > src/app.js");
    const first = await committed(checkout);
    asAgent(checkout, "echo three > src/app.js");
    const second = await committed(checkout);
    expect(second.parentSha).toBe(first.sha);
    expect(second.files).toBe(1);
  });

  test("exactly the given files are committed when they are given", async () => {
    const checkout = await bench.prepare();
    asAgent(checkout, "echo stray > src/app.js; echo stray > stray.txt");
    const commit = await committed(checkout, {
      files: new Map([["specs/issue-7.md", "# Plan\n"]]),
    });
    expect(commit.changes.map((change) => change.path)).toEqual([
      "specs/issue-7.md",
    ]);
    expect(
      await bench.workspaces.readFile(checkout, commit.sha, "src/app.js"),
    ).toBe("one\n");
  });

  test("agent configuration is restored from base for the agent, and the commit keeps what the branch has", async () => {
    const server = bench.server;
    await server.commit("demo", "main", {
      "CLAUDE.md": "base\n",
      ".claude/settings.json": "{}\n",
    });
    await server.commit("demo", BRANCH, {
      "CLAUDE.md": "evil\n",
      ".claude/hooks.json": "evil\n",
    });
    const checkout = await bench.prepare();
    const restored = await bench.workspaces.restoreFromBase(checkout, [
      ".claude",
      "CLAUDE.md",
      "AGENTS.md",
    ]);
    expect(restored.sort()).toEqual([".claude/hooks.json", "CLAUDE.md"]);
    expect(await readFile(join(checkout.path, "CLAUDE.md"), "utf8")).toBe(
      "base\n",
    );
    expect(await readdir(join(checkout.path, ".claude"))).toEqual([
      "settings.json",
    ]);
    asAgent(checkout, "echo two > src/app.js; echo mine > CLAUDE.md");
    const commit = await committed(checkout);
    expect(commit.changes.map((change) => change.path)).toEqual(["src/app.js"]);
    expect(
      await bench.workspaces.readFile(checkout, commit.sha, "CLAUDE.md"),
    ).toBe("evil\n");
  });
});

describe("what an agent left uncommitted", () => {
  test("is read as a patch with new and deleted files, and commits nothing", async () => {
    const checkout = await bench.prepare();
    asAgent(checkout, "echo two > src/app.js; echo x > new.txt");
    const diff = await bench.workspaces.diffOfTree(checkout);
    expect(diff).toMatchObject({ truncated: false });
    expect(diff?.text).toContain("-one\n+two\n");
    expect(diff?.text).toContain("+++ b/new.txt\n@@ -0,0 +1 @@\n+x\n");
    const commit = await committed(checkout);
    expect(commit).toMatchObject({
      parentSha: checkout.headSha,
      files: 2,
      insertions: 2,
      deletions: 1,
    });
  });

  test("is nothing where git would not take it, and empty where nothing changed", async () => {
    const checkout = await bench.prepare();
    expect((await bench.workspaces.diffOfTree(checkout))?.text).toBe("");
    asAgent(checkout, "mkdir nested; cd nested; git init -q .; echo x > y");
    expect(await bench.workspaces.diffOfTree(checkout)).toBeNull();
  });
});

describe("keeping up with the base branch", () => {
  async function diverged(mine: string, theirs: Record<string, string>) {
    const checkout = await bench.prepare();
    asAgent(checkout, mine);
    const commit = await committed(checkout, {
      author: { name: "Agent X", email: "x@example.com" },
    });
    const moved = await bench.server.commit("demo", "main", theirs);
    await bench.workspaces.release(checkout);
    const again = await bench.prepare({
      attemptId: "attempt-2",
      startSha: commit.sha,
      fetch: "always",
    });
    expect(again.baseTipSha).toBe(moved);
    return { checkout: again, commit, moved };
  }

  test("the branch is rebased with its author and trailers", async () => {
    const { checkout, moved } = await diverged("echo new > new.txt", {
      "other.txt": "y\n",
    });
    const answer = await bench.workspaces.rebaseOnto(checkout, moved);
    if (answer.kind !== "rebased") throw new Error(JSON.stringify(answer));
    await bench.workspaces.push(checkout, {
      sha: answer.sha,
      expected: null,
      runId: TRAILERS.Run,
      credentials: bench.credentials,
    });
    expect(
      bench.server.show(
        "demo",
        "log",
        "-1",
        "--format=%an|%cn|%P|%(trailers:key=Attempt,valueonly)",
        BRANCH,
      ),
    ).toBe(`Agent X|Pullwright|${moved}|attempt-1`);
    expect(await bench.workspaces.rebaseOnto(checkout, moved)).toEqual({
      kind: "up_to_date",
    });
  });

  test("a conflict is named and leaves the tree as it was", async () => {
    const { checkout, commit, moved } = await diverged(
      "echo mine > src/app.js",
      { "src/app.js": "theirs\n" },
    );
    expect(await bench.workspaces.rebaseOnto(checkout, moved)).toEqual({
      kind: "conflict",
      files: ["src/app.js"],
    });
    expect(await readFile(join(checkout.path, "src/app.js"), "utf8")).toBe(
      "mine\n",
    );
    asAgent(checkout, "echo more > more.txt");
    expect((await committed(checkout)).parentSha).toBe(commit.sha);
  });

  test("the agent settles a conflict, and its commit joins both sides", async () => {
    const { checkout, commit, moved } = await diverged(
      "echo mine > src/app.js",
      {
        "src/app.js": "theirs\n",
        ".github/workflows/ci.yml": "on: push\n",
      },
    );
    expect(await bench.workspaces.mergeForAgent(checkout, moved)).toEqual({
      kind: "conflict",
      files: ["src/app.js"],
    });
    expect(await readFile(join(checkout.path, "src/app.js"), "utf8")).toContain(
      "<<<<<<<",
    );
    expect(
      await bench.workspaces.commit(checkout, bench.commitRequest()),
    ).toMatchObject({
      kind: "refused",
      violations: [{ rule: "conflict_markers", path: "src/app.js" }],
    });
    asAgent(checkout, "echo both > src/app.js");
    const merge = await committed(checkout);
    // The workflow came with the base branch: no guard minds it.
    expect(merge.changes.map((change) => change.path)).toEqual(["src/app.js"]);
    await bench.workspaces.push(checkout, {
      sha: merge.sha,
      expected: null,
      runId: TRAILERS.Run,
      credentials: bench.credentials,
    });
    expect(bench.server.show("demo", "log", "-1", "--format=%P", BRANCH)).toBe(
      `${commit.sha} ${moved}`,
    );
  });

  test("a merge without conflict is committed even where nothing else changed", async () => {
    const { checkout, moved } = await diverged("echo new > new.txt", {
      "other.txt": "y\n",
    });
    expect(await bench.workspaces.mergeForAgent(checkout, moved)).toEqual({
      kind: "merged",
    });
    const merge = await committed(checkout);
    expect(merge.files).toBe(0);
    expect(
      await bench.workspaces.readFile(checkout, merge.sha, "other.txt"),
    ).toBe("y\n");
  });
});

test("where the owner cannot reach the folder, the data lies in one that it can", async () => {
  const closed = join(bench.folder, "closed");
  await mkdir(closed, { mode: 0o700 });
  const workspaces = await createWorkspaces({
    root: join(closed, "work"),
    owner,
  });
  try {
    expect(workspaces.root.startsWith("/var/tmp/pullwright-")).toBe(
      owner !== undefined,
    );
    const checkout = await workspaces.prepare(bench.request());
    expect((await readdir(checkout.path)).sort()).toEqual([
      ".git",
      "README.md",
      "src",
    ]);
  } finally {
    if (workspaces.root.startsWith("/var/tmp/pullwright-"))
      await rm(workspaces.root, { recursive: true });
  }
});
