import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createSandbox } from "./create-sandbox.js";
import type { Sandbox } from "./sandbox.js";

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
  return `${folder}:/usr/bin:/bin`;
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

describe("where bubblewrap does not hold", () => {
  test("a bubblewrap that fails is refused with what it said", async () => {
    const searchPath = await toolsWithBwrap(
      "echo 'no permissions to create a new namespace' >&2; exit 1",
    );
    const choice = await createSandbox({ allowUnsandboxed: false, searchPath });
    expect(choice).toMatchObject({
      outcome: "refused",
      reason: "self_test_failed",
    });
    expect(choice).toHaveProperty(
      "message",
      expect.stringContaining("no permissions to create a new namespace"),
    );
  });

  test("in a container whose /proc is masked the refusal says how to start it", async () => {
    // What a container runtime does, in a namespace of its own: something is mounted over a part of /proc.
    const inside =
      "mount --bind /dev/null /proc/uptime && exec /usr/bin/bwrap --unshare-user";
    const searchPath = await toolsWithBwrap(
      `exec unshare --user --map-root-user --mount sh -c '${inside} "$@"' bwrap "$@"`,
    );
    const choice = await createSandbox({ allowUnsandboxed: false, searchPath });
    expect(choice).toHaveProperty(
      "message",
      expect.stringMatching(
        /can't mount proc.*systempaths=unconfined.*procMount: Unmasked/i,
      ),
    );
  });

  test("where the kernel forbids namespaces the refusal says who may forbid them", async () => {
    const forbidden = "echo 0 > /proc/sys/user/max_user_namespaces";
    const searchPath = await toolsWithBwrap(
      `exec unshare --user --map-root-user sh -c '${forbidden} && exec /usr/bin/bwrap --unshare-user "$@"' bwrap "$@"`,
    );
    const choice = await createSandbox({ allowUnsandboxed: false, searchPath });
    expect(choice).toHaveProperty(
      "message",
      expect.stringMatching(/namespace.*max_user_namespaces.*seccomp/is),
    );
  });

  test("a bubblewrap that lets everything through is found out", async () => {
    // Drops its own arguments and runs the command without any walls.
    const searchPath = await toolsWithBwrap(
      'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
    );
    const choice = await createSandbox({ allowUnsandboxed: false, searchPath });
    expect(choice).toMatchObject({
      outcome: "refused",
      reason: "self_test_failed",
    });
    expect(choice).toHaveProperty(
      "message",
      expect.stringMatching(/sees files|processes of the machine/),
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

  test("limits file sizes and open files where prlimit is there, and says so", async () => {
    const tools = await mkdtemp(join(root, "bin-"));
    await symlink("/usr/bin/prlimit", join(tools, "prlimit"));
    const sandbox = await choose(tools);
    const kept = { fileBytes: "kernel", openFiles: "kernel" };
    expect(sandbox.capabilities.limits).toMatchObject(kept);
    const { worktree, lines } = await run(
      sandbox,
      "head -c 4000000 /dev/zero > big; ulimit -n",
      { fileBytes: 1024 ** 2, openFiles: 32 },
    );
    expect((await stat(join(worktree, "big"))).size).toBe(1024 ** 2);
    expect(lines.at(-1)).toBe("32");
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
