import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import {
  chmod,
  mkdtemp,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { canTest } from "../__fixtures__/can-test.js";
import { createSandbox } from "./create-sandbox.js";
import { findExecutable } from "./find-executable.js";
import type { Sandbox } from "./sandbox.js";

const PATH = process.env["PATH"] ?? "";
const [bwrap, unshare, setpriv, prlimit] = await Promise.all(
  ["bwrap", "unshare", "setpriv", "prlimit"].map((tool) =>
    findExecutable(tool, PATH),
  ),
);

/** Whether a namespace can be made in which bubblewrap then meets what a container runtime or the kernel refuses. */
async function canNest(): Promise<boolean> {
  if (unshare === undefined) return false;
  const mount = "mount --bind /dev/null /proc/uptime";
  const namespace = ["--user", "--map-root-user", "--mount"];
  const outer = spawnSync(unshare, [...namespace, "sh", "-c", mount]);
  const sandbox = { allowUnsandboxed: false, searchPath: PATH };
  return (
    outer.status === 0 && (await createSandbox(sandbox)).outcome === "ready"
  );
}

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "pullwright-no-sandbox-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function toolsWithBwrap(script: string): Promise<string> {
  const folder = await mkdtemp(join(root, "bin-"));
  await writeFile(join(folder, "bwrap"), `#!/bin/sh\n${script}\n`, {
    mode: 0o755,
  });
  return `${folder}:${PATH}`;
}

/** What is said where bubblewrap is such a script. */
async function refusalBy(script: string) {
  const searchPath = await toolsWithBwrap(script);
  const choice = await createSandbox({ allowUnsandboxed: false, searchPath });
  if (choice.outcome === "ready") throw new Error("It was not refused.");
  return choice;
}

describe("where bubblewrap is missing", () => {
  test("agents are refused, with the way out", async () => {
    const choice = await createSandbox({
      allowUnsandboxed: false,
      searchPath: root,
    });
    expect(choice).toMatchObject({
      outcome: "refused",
      reason: "not_installed",
    });
    expect(choice).toHaveProperty(
      "message",
      expect.stringContaining("ALLOW_UNSANDBOXED_AGENTS"),
    );
  });

  test("they run unsandboxed when that is allowed, and the warning says so", async () => {
    const choice = await createSandbox({
      allowUnsandboxed: true,
      searchPath: root,
    });
    if (choice.outcome !== "ready") throw new Error(choice.message);
    expect(choice.sandbox).toMatchObject({
      kind: "none",
      capabilities: { ownProcessNamespace: false },
    });
    expect(choice.sandbox.warnings.join()).toContain("without a sandbox");
  });
});

const standsIn = canTest(
  "a bubblewrap that fails",
  // Before it tries bubblewrap, root looks for what makes it an ordinary user.
  process.getuid?.() !== 0 || setpriv !== undefined,
  "root has no setpriv",
);
if (standsIn)
  describe("where bubblewrap does not hold", () => {
    test("a bubblewrap that fails is refused with what it said", async () => {
      const choice = await refusalBy(
        "echo 'no permissions to create a new namespace' >&2; exit 1",
      );
      expect(choice.reason).toBe("self_test_failed");
      expect(choice).toHaveProperty(
        "message",
        expect.stringContaining("no permissions to create a new namespace"),
      );
    });

    test("a bubblewrap that lets everything through is found out", async () => {
      // Drops its own arguments and runs the command without any walls.
      const choice = await refusalBy(
        'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
      );
      expect(choice.reason).toBe("self_test_failed");
      expect(choice).toHaveProperty(
        "message",
        expect.stringMatching(/sees files|processes of the machine/),
      );
    });
  });

const holds = canTest(
  "our own folders out of sight",
  bwrap !== undefined &&
    (await createSandbox({ allowUnsandboxed: false, searchPath: PATH }))
      .outcome === "ready",
  "bubblewrap does not run here",
);
if (holds)
  test("a bubblewrap that shows a folder of ours is found out", async () => {
    // Not below /tmp, over which each sandbox lays its own.
    const ours = await mkdtemp("/var/tmp/pullwright-ours-");
    await chmod(ours, 0o755);
    const shows = `exec ${String(bwrap)} --perms 0755 --dir /var/tmp --ro-bind ${ours} ${ours} "$@"`;
    const searchPath = await toolsWithBwrap(shows);
    const options = { allowUnsandboxed: false, searchPath };
    expect(await createSandbox(options)).toMatchObject({ outcome: "ready" });
    const choice = await createSandbox({ ...options, hidden: [ours] });
    expect(choice).toMatchObject({ reason: "self_test_failed" });
    expect(choice).toHaveProperty(
      "message",
      expect.stringContaining("sees files"),
    );
    expect(await readdir(ours)).toEqual([]);
    await rm(ours, { recursive: true });
  });

if (holds)
  test("where namespaces inside cannot be forbidden the sandbox holds, and its warning says so", async () => {
    // As a bubblewrap before 0.8, and as a container whose /proc/sys is read-only.
    const old =
      'for word; do case "$word" in --disable-userns|/proc/sys/user) exit 1;; esac; done';
    const searchPath = await toolsWithBwrap(
      `${old}; exec ${String(bwrap)} "$@"`,
    );
    const choice = await createSandbox({ allowUnsandboxed: false, searchPath });
    if (choice.outcome !== "ready") throw new Error(choice.message);
    expect(choice.sandbox.capabilities.userNamespace).toBe(true);
    expect(choice.sandbox.warnings.join()).toContain("namespaces");
  });

const nests = canTest(
  "why a container or the kernel refuses it",
  await canNest(),
  "bubblewrap or unshare does not run here",
);
if (nests)
  describe("where bubblewrap is forbidden", () => {
    test("in a container whose /proc is masked the refusal says how to start it", async () => {
      // What a container runtime does, in a namespace of its own: something is mounted over a part of /proc.
      const inside = `mount --bind /dev/null /proc/uptime && exec ${bwrap} --unshare-user`;
      const choice = await refusalBy(
        `exec ${unshare} --user --map-root-user --mount sh -c '${inside} "$@"' bwrap "$@"`,
      );
      expect(choice).toHaveProperty(
        "message",
        expect.stringMatching(
          /can't mount proc.*systempaths=unconfined.*procMount: Unmasked/i,
        ),
      );
    });

    test("where the kernel forbids namespaces the refusal says who may forbid them", async () => {
      const forbidden = "echo 0 > /proc/sys/user/max_user_namespaces";
      const choice = await refusalBy(
        `exec ${unshare} --user --map-root-user sh -c '${forbidden} && exec ${bwrap} --unshare-user "$@"' bwrap "$@"`,
      );
      expect(choice).toHaveProperty(
        "message",
        expect.stringMatching(/namespace.*max_user_namespaces.*seccomp/is),
      );
    });
  });

describe("the unsandboxed way", () => {
  const choose = async (searchPath: string) => {
    const choice = await createSandbox({ allowUnsandboxed: true, searchPath });
    if (choice.outcome !== "ready") throw new Error(choice.message);
    return choice.sandbox;
  };

  /** Runs shell code; what it printed, and how it ended. */
  async function run(sandbox: Sandbox, code: string, limits = {}) {
    const worktree = await mkdtemp(join(root, "worktree-"));
    const lines: string[] = [];
    const result = await sandbox.run({
      command: "sh",
      args: ["-c", code],
      env: { PATH: "/usr/bin:/bin", HOME: root, TMPDIR: root },
      folders: { worktree },
      limits,
      onLines: (_, batch) => void lines.push(...batch),
    });
    return { worktree, lines, result };
  }

  test("runs in the worktree, with a private HOME and TMPDIR that vanish whatever was left in them", async () => {
    const { worktree, lines, result } = await run(
      await choose(root),
      'pwd; ls -A "$HOME" "$TMPDIR" | grep -v :; mkdir "$HOME/a" && touch "$HOME/a/b" "$TMPDIR/c" && chmod -R a-w "$HOME/a" && echo "$HOME" && echo "$TMPDIR"',
    );
    expect(result.ok).toBe(true);
    const [where, home = "", temp = "", ...more] = lines.filter(Boolean);
    expect([where, more]).toEqual([worktree, []]);
    for (const folder of [home, temp]) {
      expect(folder).toMatch(/pullwright-agent-/);
      await expect(stat(folder)).rejects.toMatchObject({ code: "ENOENT" });
    }
    expect(home).not.toBe(temp);
  });

  const limits = canTest(
    "the limit of file sizes",
    prlimit !== undefined,
    "prlimit is not installed",
  );
  if (limits)
    test("limits file sizes and open files where prlimit is there, and says so", async () => {
      const tools = await mkdtemp(join(root, "bin-"));
      await symlink(String(prlimit), join(tools, "prlimit"));
      const sandbox = await choose(tools);
      const kept = { fileBytes: "kernel", openFiles: "kernel" };
      expect(sandbox.capabilities.limits).toMatchObject(kept);
      const { worktree, lines } = await run(
        sandbox,
        "head -c 4000000 /dev/zero > big; ulimit -n",
        { fileBytes: 1024 ** 2, openFiles: 32 },
      );
      expect((await stat(join(worktree, "big"))).size).toBe(1024 ** 2);
      // What the shell says of the limit comes on stderr, before or after this.
      expect(lines).toContain("32");
    });

  test("a command that does not exist is a value", async () => {
    const sandbox = await choose(root);
    const result = await sandbox.run({
      command: "no-such",
      args: [],
      env: {},
      folders: { worktree: root },
    });
    expect(result).toMatchObject({
      endedBy: "spawn_failed",
      spawnError: { code: "ENOENT" },
    });
  });
});
