import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Identity, OutputStream } from "../process/process-request.js";
import { readProcessTable } from "../process/process-table.js";
import { markerOf } from "../process/tree-marker.js";
import { canTest } from "../__fixtures__/can-test.js";
import { createSandbox } from "./create-sandbox.js";
import { findExecutable } from "./find-executable.js";
import type { Sandbox, SandboxRequest } from "./sandbox.js";

const MIB = 1024 ** 2;
const NOBODY: Identity = { uid: 65534, gid: 65534 };
const PATH = "/usr/local/bin:/usr/bin:/bin";
const isRoot = process.getuid?.() === 0;
const fixture = (name: string) =>
  fileURLToPath(new URL(`../__fixtures__/${name}`, import.meta.url));

// Root goes both ways: its own (down to nobody) and that of an ordinary user.
const ways: [string, Identity | undefined][] = isRoot
  ? [
      ["started by root", undefined],
      ["started by an ordinary user", NOBODY],
    ]
  : [["started by an ordinary user", undefined]];

const probe = await createSandbox({ allowUnsandboxed: false });
const mustHold = probe.outcome === "ready" || process.env["CI"] === "true";

if (!mustHold) {
  process.stderr.write(
    "bubblewrap does not run here: its walls are not tested, only the refusal.\n",
  );

  test("without bubblewrap agents are refused", () => {
    expect(probe).toMatchObject({ outcome: "refused" });
  });
}

const fills = canTest(
  "what files in memory take in the sandbox",
  (await findExecutable("perl", PATH)) !== undefined,
  "perl is not installed",
);

if (mustHold)
  describe.each(ways)("the sandbox %s", (_, startAs) => {
    let sandbox: Sandbox;
    let root: string;
    let worktree: string;

    beforeAll(async () => {
      const choice = await createSandbox({ allowUnsandboxed: false, startAs });
      if (choice.outcome !== "ready") throw new Error(choice.message);
      sandbox = choice.sandbox;
      root = await mkdtemp(join(tmpdir(), "pullwright-sandbox-"));
      await chmod(root, 0o755);
      worktree = await folder("worktree");
    });

    afterAll(() => rm(root, { recursive: true, force: true }));

    /** A folder that belongs to the sandbox's user alone. */
    async function folder(name: string): Promise<string> {
      const path = join(root, name);
      await mkdir(path, { mode: 0o700 });
      if (sandbox.owner)
        await chown(path, sandbox.owner.uid, sandbox.owner.gid);
      return path;
    }

    async function run(
      command: string,
      args: string[],
      more: Partial<SandboxRequest> = {},
    ) {
      const lines: Record<OutputStream, string[]> = { stdout: [], stderr: [] };
      const result = await sandbox.run({
        command,
        args,
        env: { PATH },
        folders: { worktree },
        timeoutMs: 20_000,
        onLines: (stream, batch) => void lines[stream].push(...batch),
        ...more,
      });
      return { result, stdout: lines.stdout, stderr: lines.stderr };
    }

    const sh = (code: string, more: Partial<SandboxRequest> = {}) =>
      run("sh", ["-c", code], more);

    /** A fixture as a program that we mean to run. */
    const node = (
      [name, ...args]: [string, ...string[]],
      more: Partial<SandboxRequest> = {},
    ) =>
      run("node", [fixture(name), ...args], {
        folders: { worktree, programs: [fixture(name)] },
        ...more,
      });

    /** Runs shell code that prints `up` at its end, and keeps it there until we have looked at it from outside. */
    async function lookAt(code: string, look: (pid: number) => Promise<void>) {
      const stdout: string[] = [];
      const looked = join(worktree, "looked");
      await rm(looked, { force: true });
      let pid = 0;
      const { result } = await sh(
        `${code}; until [ -e looked ]; do sleep 0.02; done`,
        {
          onStart: (started) => {
            pid = started;
          },
          onLines: async (_, batch) => {
            stdout.push(...batch);
            if (!batch.includes("up")) return;
            await look(pid);
            await writeFile(looked, "");
          },
        },
      );
      return { result, stdout };
    }

    test("is bubblewrap, and tells how it keeps its limits", () => {
      expect(sandbox.kind).toBe("bubblewrap");
      expect(sandbox.capabilities).toMatchObject({
        userNamespace: true,
        ownProcessNamespace: true,
      });
      expect(sandbox.warnings.join()).toContain("network");
    });

    test("runs the command without privileges, seen from outside as well", async () => {
      const uids = new Set<number>();
      const { result, stdout } = await lookAt("echo up", async (pid) => {
        const table = await readProcessTable();
        for (const entry of table.values()) {
          const init = table.get(entry.parent);
          if (init?.parent === pid)
            uids.add((await stat(`/proc/${entry.pid}`)).uid);
        }
      });
      expect(result.ok).toBe(true);
      expect(stdout).toEqual(["up"]);
      expect([...uids]).toEqual([isRoot ? NOBODY.uid : process.getuid?.()]);
    });

    test("bubblewrap can be told to be ours should it outlive us, and no variable inside says so", async () => {
      const marks = new Map<string, string | undefined>();
      const { stdout } = await lookAt("env; echo up", async (pid) => {
        const table = await readProcessTable();
        marks.set("bubblewrap", await markerOf(pid));
        for (const entry of table.values())
          if (entry.parent === pid)
            marks.set("its process 1", await markerOf(entry.pid));
      });
      const ours = expect.stringMatching(`^${process.pid}-`);
      expect(Object.fromEntries(marks)).toEqual({
        bubblewrap: ours,
        "its process 1": ours,
      });
      expect(stdout.join("\n")).toContain("PATH=");
      expect(stdout.join("\n")).not.toContain("PROCESS_TREE");
    });

    test("what the command writes belongs to the sandbox's user", async () => {
      const { result } = await sh("mkdir sub && echo new > sub/file");
      expect(result.ok).toBe(true);
      expect(await readFile(join(worktree, "sub/file"), "utf8")).toBe("new\n");
      expect((await stat(join(worktree, "sub/file"))).uid).toBe(
        isRoot ? NOBODY.uid : process.getuid?.(),
      );
    });

    test("nothing but worktree, HOME, TMPDIR and what was given can be written", async () => {
      const outbox = await folder("outbox");
      const places = [
        "/usr/x",
        "/etc/x",
        "/x",
        "/home/x",
        "/proc/sys/kernel/hostname",
        "/proc/sys/user/max_user_namespaces",
        "/sys/x",
        "/dev/x",
      ];
      const attempts = [
        ...places,
        "$HOME/x",
        "$TMPDIR/x",
        `${outbox}/x`,
        "/dev/shm/x",
      ];
      const code = attempts
        .map((path) => `(echo x > ${path}) 2>/dev/null && echo ${path}`)
        .join(";");
      const { stdout } = await sh(`${code}; true`, {
        folders: { worktree, writable: [outbox] },
      });
      expect(stdout).toEqual([
        "/home/agent/x",
        "/tmp/x",
        `${outbox}/x`,
        "/dev/shm/x",
      ]);
      expect(await readdir(outbox)).toEqual(["x"]);
      await sh(`echo x > ${root}/x`);
      expect(await readdir(root)).not.toContain("x");
    });

    test("other folders and files are absent, be they named by link or by path", async () => {
      const other = await folder("other-run");
      const secret = join(other, "secret");
      await writeFile(secret, "CANARY", { mode: 0o644 });
      await symlink(secret, join(worktree, "link"));
      const { stdout } = await sh(
        "cat other/secret link ../other-run/secret 2>/dev/null; ls ..; ls /home",
      );
      expect(stdout).toEqual(["worktree", "agent"]);
    });

    test("what is given read-only can be read and not written", async () => {
      const given = await folder("given");
      await writeFile(join(given, "file"), "old\n", { mode: 0o644 });
      const { stdout } = await sh(
        `cat ${given}/file; echo new > ${given}/file || echo refused`,
        {
          folders: { worktree, readOnly: [given] },
        },
      );
      expect(stdout).toEqual(["old", "refused"]);
    });

    test("a part of the worktree can be given read-only", async () => {
      await mkdir(join(worktree, "kept"));
      await writeFile(join(worktree, "kept/file"), "old\n", { mode: 0o666 });
      const { stdout } = await sh(
        "rm -rf kept; cat kept/file; echo new > kept/file || echo refused",
        {
          folders: { worktree, readOnly: [join(worktree, "kept")] },
        },
      );
      expect(stdout).toEqual(["old", "refused"]);
    });

    test("HOME and TMPDIR are empty and vanish, unless folders are given to keep them", async () => {
      const home = await folder("kept-home");
      expect(
        (await sh("ls -A $HOME $TMPDIR; echo x > $HOME/file")).result.ok,
      ).toBe(true);
      expect((await sh("ls $HOME")).stdout).toEqual([]);
      await sh("echo x > $HOME/file", { folders: { worktree, home } });
      expect(
        (await sh("ls $HOME", { folders: { worktree, home } })).stdout,
      ).toEqual(["file"]);
    });

    test("no environment but the command's own can be read", async () => {
      const neighbour = new AbortController();
      const script = fixture("looks-for-secrets.sh");
      const { result, stdout } = await run(script, [], {
        env: { PATH, OWN: "1" },
        folders: { worktree, programs: [script] },
        signal: neighbour.signal,
      });
      expect(result.ok).toBe(true);
      const names = new Set(stdout.map((line) => line.split("=")[0]));
      expect([...names].sort()).toEqual([
        "HOME",
        "OWN",
        "PATH",
        "PWD",
        "TMPDIR",
      ]);
    });

    test("the linker's variables do not get in", async () => {
      const { stdout } = await sh("env", {
        env: { PATH, LD_PRELOAD: "/tmp/evil.so", LD_LIBRARY_PATH: "/tmp" },
      });
      expect(stdout.filter((line) => line.startsWith("LD_"))).toEqual([]);
    });

    test("other processes can neither be seen nor signalled", async () => {
      const { stdout } = await sh(
        `ls -d /proc/[0-9]* | wc -l; kill -0 ${process.pid} 2>/dev/null && echo reached`,
      );
      expect(Number(stdout[0])).toBeLessThan(6);
      expect(stdout).toHaveLength(1);
    });

    test("privileges cannot be gained", async () => {
      const { stdout } = await sh(
        "grep -E 'CapEff|CapPrm|NoNewPrivs' /proc/self/status | tr -d '\\t'; su -c id 2>&1 | head -1",
      );
      expect(stdout.slice(0, 3)).toEqual([
        "CapPrm:0000000000000000",
        "CapEff:0000000000000000",
        "NoNewPrivs:1",
      ]);
      expect(stdout[3]).not.toContain("uid=0");
    });

    test("everything dies with the command, servers and daemons included", async () => {
      const { result } = await node(["leaves-a-server.mjs"]);
      expect(result).toMatchObject({ ok: true, tree: { survivors: [] } });
      const daemon = await sh("(setsid sleep 4242 &) ; sleep 0.1");
      expect(daemon.result).toMatchObject({
        ok: true,
        tree: { survivors: [] },
      });
      const commands = await Promise.all(
        [...(await readProcessTable()).keys()].map((pid) =>
          readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => ""),
        ),
      );
      expect(
        commands.filter(
          (line) => line.includes("4242") && line.startsWith("sleep"),
        ),
      ).toEqual([]);
    });

    async function cancelledOnceReady(program: string, graceMs?: number) {
      const stdout: string[] = [];
      const cancel = new AbortController();
      const { result } = await node([program], {
        graceMs,
        signal: cancel.signal,
        onLines: (_, batch) => {
          stdout.push(...batch);
          if (batch.includes("ready")) cancel.abort();
        },
      });
      return { result, stdout };
    }

    test("a command that listens ends in good order, one that does not is killed", async () => {
      const polite = await cancelledOnceReady("ends-in-order.mjs");
      expect(polite.result).toMatchObject({
        endedBy: "cancelled",
        exitCode: 0,
        forced: false,
      });
      expect(polite.stdout).toEqual(["ready", "tidied up"]);
      const deaf = await cancelledOnceReady("ignores-sigterm.mjs", 1_000);
      expect(deaf.result).toMatchObject({
        endedBy: "cancelled",
        forced: true,
        tree: { survivors: [] },
      });
      expect(deaf.stdout).toEqual(["ready", "not now"]);
    });

    test("a command that multiplies hits the limit and harms nobody", async () => {
      const { result } = await node(["multiplies.mjs", "500"], {
        limits: { processes: 80 },
      });
      expect(result.tree.survivors).toEqual([]);
      expect(result.tree.seen).toBeLessThan(120);
      expect(result).toMatchObject({
        endedBy: "processes",
        tooManyProcesses: true,
      });
    });

    test("memory, file size and open files are limited", async () => {
      const hog = await node(["eats-memory.mjs"], {
        limits: { memoryBytes: 250 * MIB },
      });
      expect(hog.result).toMatchObject({
        endedBy: "memory",
        outOfMemory: true,
      });
      const limits = { fileBytes: MIB, openFiles: 32 };
      const file = await sh("head -c 4000000 /dev/zero > big; ulimit -n", {
        limits,
      });
      expect(file.stdout).toEqual(["32"]);
      expect((await stat(join(worktree, "big"))).size).toBe(MIB);
      const memory = await sh("head -c 900000000 /dev/zero > $TMPDIR/big", {
        limits: { memoryBytes: 100 * MIB },
      });
      // The folder itself holds no more.
      expect(memory.result).toMatchObject({ ok: false, endedBy: "exit" });
      expect(memory.result.stderrTail).toMatch(/no space left/i);
    });

    test("what lies in the folders in memory counts as memory, all of them together", async () => {
      const limits = { memoryBytes: 100 * MIB };
      const fill = (...paths: string[]) =>
        `${paths.map((path) => `head -c 60000000 /dev/zero > ${path}/big`).join("; ")}; sleep 1`;
      const one = await sh(fill("$TMPDIR"), { limits });
      expect(one.result).toMatchObject({ ok: true, endedBy: "exit" });
      for (const other of ["/dev/shm", "$HOME"]) {
        const two = await sh(fill("$TMPDIR", other), { limits });
        expect(two.result).toMatchObject({ endedBy: "memory" });
      }
      const home = await folder("home-on-disk");
      const onDisk = await sh(fill("$TMPDIR", "$HOME"), {
        limits,
        folders: { worktree, home },
      });
      expect(onDisk.result).toMatchObject({ ok: true, endedBy: "exit" });
    });

    test("so do a million empty files in them, each of which takes the kernel's memory", async () => {
      const code =
        "for (let n = 0; n < 1e6; n++) require('fs').closeSync(require('fs').openSync('/dev/shm/' + n, 'w'))";
      const { result } = await run("node", ["-e", code], {
        limits: { memoryBytes: 200 * MIB },
        timeoutMs: 40_000,
      });
      expect(result).toMatchObject({ endedBy: "memory" });
    });

    if (fills)
      test("so does a file in memory without a name, once although it is mapped as well", async () => {
        const script = fixture("fills-memfd.pl");
        const fill = (bytes: string, ...more: string[]) =>
          run("perl", [script, bytes, ...more], {
            folders: { worktree, programs: [script] },
            limits: { memoryBytes: 100 * MIB },
          });
        const twice = await sh(
          `perl ${script} 70000000 1 & perl ${script} 70000000 1; wait`,
          {
            folders: { worktree, programs: [script] },
            limits: { memoryBytes: 100 * MIB },
          },
        );
        expect(twice.result).toMatchObject({ endedBy: "memory" });
        const mapped = await fill("70000000", "1", "and-touch");
        expect(mapped).toMatchObject({
          result: { ok: true, endedBy: "exit" },
          stdout: ["filled"],
        });
      });

    test("a command gets no namespace of its own, in which it could mount memory that nobody counts", async () => {
      const { stdout } = await sh(
        "id -u; unshare --user true || echo refused; unshare --user --map-root-user --mount mount -t tmpfs none /tmp && echo mounted",
      );
      expect(stdout).toEqual([expect.stringMatching(/^[1-9]/), "refused"]);
      expect(sandbox.warnings.join()).not.toContain("namespaces");
    });

    test("a hidden folder is empty, and nothing can be put there", async () => {
      const choice = await createSandbox({
        allowUnsandboxed: false,
        hidden: ["/usr/share"],
        startAs,
      });
      if (choice.outcome !== "ready") throw new Error(choice.message);
      const lines: string[] = [];
      const result = await choice.sandbox.run({
        command: "sh",
        args: ["-c", "ls -A /usr/share; echo x > /usr/share/x || echo refused"],
        env: { PATH },
        folders: { worktree },
        onLines: (stream, batch) => {
          if (stream === "stdout") lines.push(...batch);
        },
      });
      expect(result.ok).toBe(true);
      expect(lines).toEqual(["refused"]);
    });

    test("the network is shared, or absent when asked", async () => {
      const server = createServer((socket) => socket.end("hello"));
      await new Promise<void>((resolve) =>
        server.listen(0, "127.0.0.1", resolve),
      );
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      const code = `require('net').connect(${port}, '127.0.0.1').on('data', d => console.log(String(d))).on('error', e => console.log(e.code))`;
      expect((await run("node", ["-e", code])).stdout).toEqual(["hello"]);
      expect(
        (await run("node", ["-e", code], { network: "none" })).stdout,
      ).toEqual(["ECONNREFUSED"]);
      server.close();
    });

    test("an installed npm command runs, with its neighbours but without its surroundings", async () => {
      const modules = join(await folder("project"), "node_modules");
      await mkdir(join(modules, "agent/bin"), { recursive: true });
      await mkdir(join(modules, "helper"), { recursive: true });
      await mkdir(join(modules, ".bin"));
      await writeFile(join(root, "project/.env"), "TOKEN=CANARY");
      await writeFile(
        join(modules, "helper/index.js"),
        "module.exports = 'helped'",
      );
      const script =
        "#!/usr/bin/env node\nconsole.log(require('helper'), require('fs').existsSync(process.argv[2]))\n";
      await writeFile(join(modules, "agent/bin/agent.js"), script, {
        mode: 0o755,
      });
      await symlink("../agent/bin/agent.js", join(modules, ".bin/agent"));
      await chmod(join(root, "project"), 0o755);
      const { stdout } = await run("agent", [join(root, "project", ".env")], {
        env: { PATH: `${join(modules, ".bin")}:${PATH}` },
      });
      expect(stdout).toEqual(["helped false"]);
      const other = await run("agent", [join(root, "project")], {
        env: { PATH: `${join(modules, ".bin")}:${PATH}` },
      });
      expect(other.stdout).toEqual(["helped true"]); // The folder is there, as the parent of node_modules,
      const listed = await sh(`ls -A ${join(root, "project")}`, {
        folders: { worktree, readOnly: [modules] },
      });
      expect(listed.stdout).toEqual(["node_modules"]); // with nothing else in it.
    });

    test("a file that the command line names is there only when it is given as a program", async () => {
      const { secret, script } = await foreignFiles();
      expect((await run("cat", [secret])).stdout).toEqual([]);
      expect((await run("sh", [script])).stdout).toEqual([]);
      expect((await run(script, [])).result.exitCode).toBe(127);
      const folders = { worktree, programs: [script, "/no/such/file", root] };
      expect((await run("sh", [script], { folders })).stdout).toEqual(["ran"]);
      expect((await run(script, [], { folders })).stdout).toEqual(["ran"]);
      expect((await run("cat", [secret], { folders })).stdout).toEqual([]);
    });

    test("a link in the worktree to a program elsewhere does not bring it in", async () => {
      const { script } = await foreignFiles();
      await symlink(script, join(worktree, "program"));
      expect((await run("./program", [])).result.exitCode).toBe(127);
    });

    /** A secret and a program that anybody on this machine may read. */
    async function foreignFiles() {
      const place = await mkdtemp(join(root, "foreign-"));
      await chmod(place, 0o755);
      const secret = join(place, "id_ed25519");
      const script = join(place, "program");
      await writeFile(secret, "CANARY\n", { mode: 0o644 });
      await writeFile(script, "#!/bin/sh\necho ran\n", { mode: 0o755 });
      return { secret, script };
    }

    test("a command that does not exist fails as such", async () => {
      const { result } = await run("no-such-agent", []);
      expect(result).toMatchObject({
        ok: false,
        endedBy: "exit",
        exitCode: 127,
      });
    });
  });
