import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
} from "@jest/globals";
import { access, chmod, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";

import { createSandbox } from "@pullwright/sandbox";

import { Bench, BRANCH, owner, TRAILERS } from "./__fixtures__/bench.js";
import { asAgent } from "./__fixtures__/as-agent.js";
import { GitServer } from "./__fixtures__/git-server.js";
import { checkoutFolder, type Checkout } from "./checkout/checkout.js";

/**
 * The attacks of FAULTS "Git and sandbox facts", each done by an agent that obeys the attacker, without a sandbox
 * around it. `trap` leaves a file behind if it is ever run; nothing but the agent's own git may do that.
 */
let bench: Bench;
let checkout: Checkout;
let trap: string;
let sprung: string;

const isSprung = () =>
  access(sprung).then(
    () => true,
    () => false,
  );

/** Base gets a submodule, of which a checkout has no more than an empty folder. Returns the commit that it names. */
async function addSubmodule(path: string): Promise<string> {
  const { server } = bench;
  const tip = server.tip("demo", "main");
  await server.commit("demo", "main", { [path]: { submodule: tip } });
  return tip;
}

/** The trap works: whoever does this in the tree runs it. */
async function springs(command: string): Promise<void> {
  asAgent(checkout, command);
  expect(await isSprung()).toBe(true);
  await rm(sprung);
}

/** Everything that we ever do with a tree after an agent had it. */
async function useTheTree(): Promise<string | undefined> {
  const answer = await bench.workspaces.commit(checkout, bench.commitRequest());
  const sha = answer.kind === "committed" ? answer.commit.sha : undefined;
  if (sha !== undefined) {
    await bench.workspaces.diff(checkout, checkout.headSha, sha);
    await bench.workspaces.changedFiles(checkout, checkout.headSha, sha);
    await bench.workspaces.push(checkout, {
      sha,
      expected: null,
      runId: TRAILERS.Run,
      credentials: bench.credentials,
    });
  }
  const moved = await bench.server.commit("demo", "main", {
    "theirs.txt": "x\n",
  });
  await bench.workspaces.release(checkout);
  const again = await bench.prepare({
    attemptId: "attempt-2",
    fetch: "always",
    ...(sha === undefined ? {} : { startSha: sha }),
  });
  await bench.workspaces.restoreFromBase(again, ["README.md"]);
  await bench.workspaces.mergeForAgent(again, moved);
  await bench.workspaces.commit(again, bench.commitRequest());
  await bench.workspaces.release(again);
  const rebased = await bench.prepare({
    attemptId: "attempt-3",
    ...(sha === undefined ? {} : { startSha: sha }),
  });
  await bench.workspaces.rebaseOnto(rebased, moved);
  return sha;
}

describe("nothing that an agent plants runs outside its sandbox", () => {
  beforeEach(async () => {
    bench = await Bench.open();
    checkout = await bench.prepare();
    const open = join(bench.folder, "open");
    await mkdir(open);
    await chmod(open, 0o777);
    sprung = join(open, "sprung");
    trap = join(open, "trap");
    await writeFile(trap, `#!/bin/sh\necho "$0 $*" >> ${sprung}\ncat\n`, {
      mode: 0o755,
    });
  });
  afterEach(() => bench.close());

  test("A1: fsmonitor in the configuration", async () => {
    asAgent(
      checkout,
      `git config core.fsmonitor ${trap}; echo two > src/app.js`,
    );
    await springs("git status");
    expect(await useTheTree()).toBeDefined();
    expect(await isSprung()).toBe(false);
  });

  test("A2: another .git in the place of ours, as a file and as a folder in between", async () => {
    asAgent(
      checkout,
      `git init -q .evil; git -C .evil config core.fsmonitor ${trap}; rm -rf .git; echo 'gitdir: .evil/.git' > .git; echo two > src/app.js; echo .evil > .gitignore`,
    );
    await springs("git status");
    expect(await useTheTree()).toBeDefined();
    expect(await isSprung()).toBe(false);
  });

  test("A3: hooks, by hooksPath and in .git", async () => {
    const hooks =
      "pre-commit prepare-commit-msg commit-msg post-commit post-checkout pre-push pre-rebase post-merge reference-transaction post-index-change";
    asAgent(
      checkout,
      `mkdir .husky; for h in ${hooks}; do cp ${trap} .husky/$h; mkdir -p .git/hooks; cp ${trap} .git/hooks/$h; done; git config core.hooksPath .husky; echo two > src/app.js`,
    );
    await springs("git commit --allow-empty -qm x || :");
    expect(await useTheTree()).toBeDefined();
    expect(await isSprung()).toBe(false);
  });

  test("A4: filters, textconv, external diffs and merge drivers by attributes", async () => {
    asAgent(
      checkout,
      [
        `echo '* filter=x diff=z merge=m' > .gitattributes`,
        `for k in filter.x.clean filter.x.smudge filter.x.process diff.z.textconv diff.z.command merge.m.driver diff.external; do git config $k ${trap}; done`,
        "echo two > src/app.js",
      ].join("; "),
    );
    await springs("git add src/app.js || :");
    expect(await useTheTree()).toBeDefined();
    expect(await isSprung()).toBe(false);
  });

  test("A5: a link to the outside, in the place of a folder", async () => {
    const outside = join(bench.folder, "open");
    asAgent(
      checkout,
      `rm -r src; ln -s ${outside} src; echo x > src/planted.tmp.1.ab`,
    );
    const answer = await bench.workspaces.commit(
      checkout,
      bench.commitRequest(),
    );
    expect(answer).toMatchObject({
      kind: "refused",
      violations: [{ rule: "escaping_symlink", path: "src" }],
    });
    await bench.workspaces.release(checkout);
    const again = await bench.prepare({ attemptId: "attempt-2" });
    expect(await readdir(join(again.path, "src"))).toEqual(["app.js"]);
    // Neither a leftover was removed there nor a file of ours written.
    expect((await readdir(outside)).sort()).toEqual([
      "planted.tmp.1.ab",
      "trap",
    ]);
  });

  test("A6, A7: options and ext:: in the place of names are refused before git starts", async () => {
    const repository = { id: "x", cloneUrl: `ext::sh -c ${trap}` };
    await expect(bench.prepare({ repository })).rejects.toMatchObject({
      code: "INVALID_NAME",
    });
    await expect(
      bench.prepare({ branch: `--upload-pack=${trap}` }),
    ).rejects.toMatchObject({ code: "INVALID_NAME" });
    await expect(
      bench.workspaces.cleanCheckout(checkout, `--output=${sprung}`),
    ).rejects.toMatchObject({ code: "INVALID_NAME" });
    await expect(
      bench.workspaces.diff(checkout, checkout.headSha, `--output=${sprung}`),
    ).rejects.toMatchObject({ code: "INVALID_NAME" });
    expect(
      await bench.workspaces.readFile(checkout, checkout.headSha, "--help"),
    ).toBeNull();
    expect(await isSprung()).toBe(false);
  });

  test("A7: a submodule by ext:: or file:// is not fetched", async () => {
    asAgent(
      checkout,
      `printf '[submodule "s"]\\n\\tpath = s\\n\\turl = ext::sh -c ${trap}\\n' > .gitmodules; echo two > src/app.js`,
    );
    const answer = await bench.workspaces.commit(
      checkout,
      bench.commitRequest(),
    );
    expect(answer).toMatchObject({
      kind: "refused",
      violations: [{ rule: "protected_path", path: ".gitmodules" }],
    });
    expect(await isSprung()).toBe(false);
  });

  test("A8: insteadOf and another remote do not redirect the push", async () => {
    const attacker = await GitServer.start(join(bench.folder, "attacker"));
    await attacker.create("demo", {});
    try {
      asAgent(
        checkout,
        [
          `git config url.${attacker.origin}/.insteadOf ${bench.server.origin}/`,
          `git config url.${attacker.origin}/.pushInsteadOf ${bench.server.origin}/`,
          `git remote add origin ${attacker.url("demo")}; git config credential.helper ${trap}`,
          "echo two > src/app.js",
        ].join("; "),
      );
      await springs("echo url=http://x | git credential fill || :");
      const sha = await useTheTree();
      expect(bench.server.tip("demo", BRANCH)).toBe(sha);
      expect(attacker.seen).toEqual([]);
      expect(await isSprung()).toBe(false);
    } finally {
      await attacker.stop();
    }
  });

  test("A9: objects and refs that the agent makes stay its own", async () => {
    const other = await bench.prepare({
      attemptId: "other",
      branch: "pullwright/8-other",
    });
    asAgent(
      checkout,
      "echo evil > evil.txt; git add -A; git commit -qm evil; git update-ref refs/heads/main HEAD; git update-ref refs/pullwright/seen/main HEAD; rm evil.txt; git checkout -q --detach; echo two > src/app.js",
    );
    const sha = await useTheTree();
    expect(
      bench.server
        .show("demo", "ls-tree", "-r", "--name-only", sha ?? "")
        .split("\n"),
    ).toEqual(["README.md", "src/app.js"]);
    expect(
      await bench.workspaces.readFile(other, other.headSha, "evil.txt"),
    ).toBeNull();
  });

  /** A repository whose filter is run by any git that asks whether it has changed. */
  const trapRepository = (folder: string) =>
    [
      `mkdir -p ${folder}; cd ${folder}; git init -q .`,
      "git config user.name a; git config user.email a; git config core.fsmonitor false",
      "echo x > x; git add x; git commit -qm x",
      `git config filter.x.clean ${trap}; git config filter.x.process ${trap}; git config core.fsmonitor ${trap}`,
      "echo '* filter=x' > .gitattributes; echo y > x; cd -",
    ].join("; ");

  test("A11: a repository in the place of a file", async () => {
    asAgent(checkout, `rm README.md; ${trapRepository("README.md")}`);
    await rm(sprung, { force: true });
    expect(
      await bench.workspaces.commit(checkout, bench.commitRequest()),
    ).toMatchObject({
      kind: "refused",
      violations: [{ rule: "nested_repository", path: "README.md" }],
    });
    const diff = await bench.workspaces.diffOfTree(checkout);
    const sha = await useTheTree();
    expect(await isSprung()).toBe(false);
    expect(diff).toBeNull();
    expect(sha).toBeUndefined();
  });

  test("A11: a repository in a submodule's folder, also in a later phase", async () => {
    const tip = await addSubmodule("vendor/x");
    await bench.workspaces.release(checkout);
    checkout = await bench.prepare({ attemptId: "submodule", fetch: "always" });
    // At the very commit that base names: only then does git look for changes in it.
    const [objects = ""] = checkout.readOnly;
    asAgent(
      checkout,
      `${trapRepository("vendor/x")}; cd vendor/x; echo ${objects} > .git/objects/info/alternates; git update-ref --no-deref HEAD ${tip}; cd ../..; echo two > src/app.js`,
    );
    await rm(sprung, { force: true });
    const sha = await useTheTree();
    expect(await isSprung()).toBe(false);
    expect(sha).toBeDefined();
  });

  test("A10: in the sandbox git works, and the mirror's objects can be read but not written", async () => {
    const choice = await createSandbox({
      allowUnsandboxed: process.env["CI"] !== "true",
    });
    if (choice.outcome !== "ready") throw new Error(choice.message);
    const { sandbox } = choice;
    const [objects = ""] = checkout.readOnly;
    const lines: string[] = [];
    // Without bubblewrap root's agent is root, and git refuses the tree, which is nobody's here.
    const trust = {
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
    };
    const result = await sandbox.run({
      command: "sh",
      args: [
        "-c",
        `git log --format=%s; echo two > src/app.js; git status --short; echo x > ${objects}/x || echo refused`,
      ],
      env: {
        PATH: "/usr/bin:/bin",
        ...(sandbox.kind === "none" ? trust : {}),
      },
      folders: { worktree: checkout.path, readOnly: checkout.readOnly },
      onLines: (stream, batch) => {
        if (stream === "stdout") lines.push(...batch);
      },
    });
    expect(result.ok).toBe(true);
    expect(lines.slice(0, 2)).toEqual(["first", " M src/app.js"]);
    // Without bubblewrap there is no wall, and the sandbox's own warning says so.
    expect(lines.includes("refused")).toBe(sandbox.kind === "bubblewrap");
    expect(
      await bench.workspaces.commit(checkout, bench.commitRequest()),
    ).toMatchObject({ kind: "committed", commit: { files: 1 } });
  });
});

let attempts = 0;
/** A tree for one test, where the server is asked for nothing. */
async function nextTree(startSha: string): Promise<void> {
  attempts += 1;
  checkout = await bench.prepare({ attemptId: `next-${attempts}`, startSha });
}
const discard = () => bench.workspaces.release(checkout, { discard: true });

describe("what an agent may not put into a commit", () => {
  beforeAll(async () => {
    bench = await Bench.open();
    await bench.prepare();
  });
  afterAll(() => bench.close());
  beforeEach(() => nextTree(bench.server.tip("demo", "main")));
  afterEach(discard);

  const refusal = async (code: string) => {
    asAgent(checkout, code);
    const answer = await bench.workspaces.commit(
      checkout,
      bench.commitRequest(),
    );
    return answer.kind === "refused"
      ? [...new Set(answer.violations.map(({ rule }) => rule))]
      : [answer.kind];
  };

  test.each([
    [
      "a workflow",
      "mkdir -p .github/workflows; echo x > .github/workflows/ci.yml",
      ["protected_path"],
    ],
    [
      "an agent's instructions, in any folder and spelling",
      "mkdir -p a/b; echo x > a/b/claude.md",
      ["protected_path"],
    ],
    [
      "an agent's hooks",
      "mkdir -p x/.claude; echo x > x/.claude/settings.json",
      ["protected_path"],
    ],
    ["an absolute link", "ln -s /etc/passwd link", ["escaping_symlink"]],
    [
      "a link that climbs out",
      "ln -s ../../outside src/link",
      ["escaping_symlink"],
    ],
    ["a link into .git", "ln -s .git/config link", ["escaping_symlink"]],
    [
      "a repository in the repository",
      "git init -q sub; echo x > sub/x; git -C sub -c user.name=a -c user.email=b add -A; git -C sub -c user.name=a -c user.email=b commit -qm x",
      ["nested_repository"],
    ],
    [
      "a nested repository without commits",
      "git init -q sub; echo x > sub/x",
      ["nested_repository"],
    ],
    [".GIT", "mkdir .GIT; echo x > .GIT/config", ["bad_path"]],
    ["git~1", "mkdir git~1; echo x > git~1/config", ["bad_path"]],
    [
      "an invisible character in .git",
      `d="$(printf '.g\\342\\200\\214it')"; mkdir "$d"; echo x > "$d/config"`,
      ["bad_path"],
    ],
    ["a newline in a name", "echo x > \"$(printf 'a\\nb')\"", ["bad_path"]],
    ["a backslash in a name", "echo x > 'a\\b'", ["bad_path"]],
    [
      "a name that is no UTF-8",
      "echo x > \"$(printf 'a\\377')\"",
      ["bad_path"],
    ],
    ["two names that differ in case", "echo x > readme.MD", ["case_collision"]],
    [
      "2,000 files",
      "mkdir many; i=0; while [ $i -lt 2000 ]; do echo $i > many/$i; i=$((i+1)); done",
      ["too_many_files"],
    ],
    ["a file of 100 MB", "truncate -s 100000000 big", ["file_too_large"]],
    [
      "30 MB in small files",
      "truncate -s 4000000 part1 part2 part3 part4 part5 part6 part7 part8",
      ["change_too_large"],
    ],
    [
      "a file that nobody can read",
      "echo x > closed; chmod 000 closed",
      owner || process.getuid?.() !== 0 ? ["unreadable"] : ["committed"],
    ],
    [
      "a GitHub token",
      `echo "token: ghp_$(printf 'a%.0s' $(seq 36))" > notes.txt`,
      ["secret"],
    ],
    [
      "a token in a file that is called binary",
      `echo '*.dat binary' > .gitattributes; echo "ghp_$(printf 'a%.0s' $(seq 36))" > x.dat`,
      ["secret"],
    ],
    [
      "a token in a file with a quote in its name",
      `echo "ghp_$(printf 'a%.0s' $(seq 36))" > 'a"b'`,
      ["secret"],
    ],
  ])("%s", async (_, code, rules) => {
    expect(await refusal(code)).toEqual(rules);
  });

  test("a secret of ours, in the message or smuggled in a file", async () => {
    const known = ["s3cr3t-of-pullwright-itself-0123456789"];
    asAgent(
      checkout,
      `echo ${Buffer.from(`xx${known[0] ?? ""}yy`).toString("base64")} > notes.txt`,
    );
    const file = await bench.workspaces.commit(
      checkout,
      bench.commitRequest({ knownSecrets: known }),
    );
    expect(file).toMatchObject({
      kind: "refused",
      violations: [{ rule: "secret", path: "notes.txt" }],
    });
    expect(JSON.stringify(file)).not.toContain("s3cr3t");
    asAgent(checkout, "echo fine > notes.txt");
    const message = bench.commitRequest({
      knownSecrets: known,
      message: `see ${known[0] ?? ""}`,
    });
    expect(await bench.workspaces.commit(checkout, message)).toMatchObject({
      kind: "refused",
      violations: [{ rule: "secret", path: null }],
    });
  });

  test("what git ignores is left out", async () => {
    asAgent(
      checkout,
      "mkdir node_modules; echo x > node_modules/x; echo node_modules > .gitignore; echo '{}' > package.json",
    );
    const answer = await bench.workspaces.commit(
      checkout,
      bench.commitRequest(),
    );
    expect(answer).toMatchObject({
      kind: "committed",
      commit: { files: 2 },
    });
  });

  test("but that our own index cannot be written is not its fault", async () => {
    asAgent(checkout, "echo two > src/app.js");
    const { gitDir } = checkoutFolder(dirname(checkout.path));
    await writeFile(join(gitDir, "index.lock"), "");
    await expect(
      bench.workspaces.commit(checkout, bench.commitRequest()),
    ).rejects.toMatchObject({ code: "GIT_FAILED" });
  });

  test("FIFOs and sockets do not hang us, new ones and in a file's place", async () => {
    const socket = createServer();
    await new Promise<void>((resolve) => {
      socket.listen(join(checkout.path, "socket"), resolve);
    });
    try {
      asAgent(checkout, "mkfifo pipe; echo two > src/app.js");
      expect(
        await bench.workspaces.commit(checkout, bench.commitRequest()),
      ).toMatchObject({ kind: "committed", commit: { files: 1 } });
      asAgent(checkout, "rm README.md; mkfifo README.md");
      expect(
        await bench.workspaces.commit(checkout, bench.commitRequest()),
      ).toMatchObject({
        kind: "refused",
        violations: [{ rule: "unreadable" }],
      });
      asAgent(checkout, "rm README.md; mv socket README.md");
      expect(
        await bench.workspaces.commit(checkout, bench.commitRequest()),
      ).toMatchObject({
        kind: "refused",
        violations: [{ rule: "unreadable" }],
      });
    } finally {
      await new Promise((resolve) => socket.close(resolve));
    }
  });
});

describe("settling a conflict", () => {
  let mine: string;
  let theirs: string;
  beforeAll(async () => {
    bench = await Bench.open();
    const open = join(bench.folder, "open");
    await mkdir(open);
    await chmod(open, 0o777);
    checkout = await bench.prepare();
    asAgent(checkout, "echo mine > src/app.js");
    const answer = await bench.workspaces.commit(
      checkout,
      bench.commitRequest(),
    );
    if (answer.kind !== "committed") throw new Error(answer.kind);
    mine = answer.commit.sha;
    theirs = await bench.server.commit("demo", "main", {
      "src/app.js": "theirs\n",
    });
    await bench.prepare({ attemptId: "fetches", fetch: "always" });
  });
  afterAll(() => bench.close());
  beforeEach(async () => {
    await nextTree(mine);
    await bench.workspaces.mergeForAgent(checkout, theirs);
  });
  afterEach(discard);

  test.each([
    ["a link to a FIFO", "mkfifo p; ln -sf ../p src/app.js", "committed"],
    [
      "a link to a FIFO outside",
      'mkfifo "$OPEN/p"; ln -sf "$OPEN/p" src/app.js',
      "refused",
    ],
    ["a link to no end of bytes", "ln -sf /dev/zero src/app.js", "refused"],
    ["a FIFO", "rm src/app.js; mkfifo src/app.js", "refused"],
    [
      "a link to a file with markers",
      "mv src/app.js left; ln -s ../left src/app.js",
      "committed",
    ],
  ])("by %s does not hang us", async (_, code, kind) => {
    asAgent(checkout, `OPEN=${join(bench.folder, "open")}; ${code}`);
    const answer = await bench.workspaces.commit(
      checkout,
      bench.commitRequest(),
    );
    expect(answer.kind).toBe(kind);
    // Threads that hang in reading would keep this from ever being answered.
    const looks = Array.from({ length: 8 }, () => readdir(checkout.path));
    expect((await Promise.all(looks)).length).toBe(8);
  });

  test("with the markers still in it is refused", async () => {
    asAgent(checkout, "chmod +x src/app.js; echo more >> src/app.js");
    expect(
      await bench.workspaces.commit(checkout, bench.commitRequest()),
    ).toMatchObject({
      kind: "refused",
      violations: [{ rule: "conflict_markers", path: "src/app.js" }],
    });
  });

  test("with the markers behind more than may be committed is refused", async () => {
    asAgent(checkout, "head -c 9000000 /dev/zero >> src/app.js");
    const answer = await bench.workspaces.commit(
      checkout,
      bench.commitRequest(),
    );
    expect(answer).toMatchObject({
      kind: "refused",
      violations: [{ rule: "file_too_large", path: "src/app.js" }],
    });
  });
});
