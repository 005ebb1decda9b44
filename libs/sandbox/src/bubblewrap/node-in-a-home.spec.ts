import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  chmod,
  chown,
  copyFile,
  cp,
  link,
  mkdir,
  mkdtemp,
  realpath,
  rm,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { Identity } from "../process/process-request.js";
import { createSandbox } from "./create-sandbox.js";
import { nodeInstallation } from "./node-installation.js";
import type { Sandbox, SandboxFolders } from "./sandbox.js";

const NOBODY: Identity = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;
const ways: [string, Identity | undefined][] = isRoot
  ? [
      ["started by root", undefined],
      ["started by an ordinary user", NOBODY],
    ]
  : [["started by an ordinary user", undefined]];

const probe = await createSandbox({ allowUnsandboxed: false });
const mustHold = probe.outcome === "ready" || process.env["CI"] === "true";

/** The same each time, as those that Node has loaded are. */
const NO_LIBRARIES: readonly string[] = [];

let root: string;
let home: string;
let workDir: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "pullwright-node-"));
  home = join(root, "alice");
  workDir = join(home, "lib/work");
  await layOutHome();
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** A home with a Node of its own and things that are nobody's business, all of which anybody may read. */
async function layOutHome(): Promise<void> {
  const real = await realpath(process.execPath);
  const modules = join(home, "lib/node_modules");
  await mkdir(join(home, "bin"), { recursive: true });
  await mkdir(join(home, "include/node"), { recursive: true });
  await mkdir(join(modules, "agent"), { recursive: true });
  await mkdir(join(home, ".ssh"));
  await mkdir(workDir);
  await link(real, join(home, "bin/node")).catch(() =>
    copyFile(real, join(home, "bin/node")),
  );
  await cp(
    join(dirname(dirname(real)), "lib/node_modules/npm"),
    join(modules, "npm"),
    { recursive: true, verbatimSymlinks: true },
  );
  await writeFile(
    join(modules, "agent/agent.js"),
    "#!/usr/bin/env node\nconsole.log('agent')\n",
    { mode: 0o755 },
  );
  await symlink(
    "../lib/node_modules/npm/bin/npm-cli.js",
    join(home, "bin/npm"),
  );
  await symlink("../lib/node_modules/agent/agent.js", join(home, "bin/agent"));
  await symlink("../.ssh/id_ed25519", join(home, "bin/key"));
  for (const file of [
    "include/node/node.h",
    ".ssh/id_ed25519",
    "lib/token",
    "bin/secret",
    "lib/work/admin-key",
  ])
    await writeFile(join(home, file), "CANARY\n", { mode: 0o644 });
  await chmod(root, 0o755);
}

if (mustHold)
  describe.each(ways)("with Node in a home, %s", (name, startAs) => {
    let sandbox: Sandbox;
    let worktree: string;

    beforeAll(async () => {
      const choice = await createSandbox({
        allowUnsandboxed: false,
        startAs,
        node: join(home, "bin/node"),
        hidden: [workDir],
      });
      if (choice.outcome !== "ready") throw new Error(choice.message);
      sandbox = choice.sandbox;
      worktree = join(root, name.replaceAll(" ", "-"));
      await mkdir(worktree, { mode: 0o700 });
      if (sandbox.owner)
        await chown(worktree, sandbox.owner.uid, sandbox.owner.gid);
    });

    async function run(
      command: string,
      args: string[],
      folders: Partial<SandboxFolders> = {},
    ): Promise<string[]> {
      const lines: string[] = [];
      await sandbox.run({
        command,
        args,
        env: { PATH: `${join(home, "bin")}:/usr/bin:/bin` },
        folders: { worktree, ...folders },
        timeoutMs: 30_000,
        onLines: (stream, batch) => {
          if (stream === "stdout") lines.push(...batch);
        },
      });
      return lines;
    }

    test("a command runs that Node, its npm and the agents that npm installed", async () => {
      expect(await run("node", ["-p", "process.execPath"])).toEqual([
        join(home, "bin/node"),
      ]);
      const version = [expect.stringMatching(/^\d+\.\d+\.\d+/)];
      expect(await run("npm", ["--version"])).toEqual(version);
      expect(await run("agent", [])).toEqual(["agent"]);
      // A shell inside looks them up by itself.
      expect(
        await run("sh", [
          "-c",
          "command -v node; command -v npm; npm --version; agent",
        ]),
      ).toEqual([
        join(home, "bin/node"),
        join(home, "bin/npm"),
        ...version,
        "agent",
      ]);
    });

    test("and sees nothing else of that home", async () => {
      const look = `cd ${home}; ls -A . bin include/node lib; cat .ssh/id_ed25519 lib/token bin/secret bin/key lib/work/admin-key`;
      const lines = (await run("sh", ["-c", look])).filter(Boolean);
      expect(lines.join(" ")).toBe(
        ".: bin include lib bin: agent node npm include/node: node.h lib: node_modules",
      );
    });

    test("a folder around our own one or around our home is not given, though it is asked for", async () => {
      const around = [join(home, "lib"), dirname(homedir()), homedir()];
      const kept = join(home, "include");
      expect(
        await run(
          "sh",
          [
            "-c",
            `cat ${home}/lib/token ${home}/lib/work/admin-key; ls -A ${homedir()}; cat ${kept}/node/node.h`,
          ],
          { readOnly: [...around, kept] },
        ),
      ).toEqual(["CANARY"]);
    });
  });

test("of the libraries that Node has loaded those of its own installation are given", async () => {
  const own = join(home, "lib/libnode.so.1");
  const { files } = await nodeInstallation(join(home, "bin/node"), [
    `${home}/bin/../lib/libnode.so.1`, // As the linker names it.
    join(root, "libother.so"),
    "/lib/x86_64-linux-gnu/libc.so.6",
    "linux-vdso.so.1",
  ]);
  expect(files.filter((file) => file.includes(".so"))).toEqual([own]);
});

test("a Node that lies otherwise is given alone", async () => {
  const node = join(home, "lib/node");
  await writeFile(node, "", { mode: 0o755 });
  expect(await nodeInstallation(node, [])).toEqual({
    files: [await realpath(node)],
    links: [],
  });
});

test("what npm installs globally while we run is found", async () => {
  const bin = join(home, "bin");
  const node = join(bin, "node");
  const inside = join(await realpath(bin), "late");
  const links = async () => (await nodeInstallation(node, NO_LIBRARIES)).links;
  await utimes(bin, 0, 0); // Long before, by any file system's clock.
  expect(await links()).not.toContainEqual(expect.objectContaining({ inside }));
  const program = join(home, "lib/node_modules/late.js");
  await writeFile(program, "");
  await symlink("../lib/node_modules/late.js", join(bin, "late"));
  expect(await links()).toContainEqual({
    inside,
    target: await realpath(program),
  });
});
