import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { loadConfig } from "@pullwright/platform";
import { migrateDatabase } from "@pullwright/runtime";
import { findExecutable } from "@pullwright/sandbox";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  freePort,
  until,
  type TestDatabase,
} from "@pullwright/testing";

const PATH = process.env["PATH"] ?? "";
const unshare = (await findExecutable("unshare", PATH)) ?? "unshare";

const folders = [
  ...new Set([
    ..."/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".split(
      ":",
    ),
    ...PATH.split(":"),
    dirname(process.execPath), // Always searched.
  ]),
];

/** What has unshare run a command in a namespace of its own, where no program of that name can be run. */
function without(name: string): string[] {
  const hide = folders
    .map((folder) => join(folder, name))
    .filter((file) => existsSync(file))
    .map((file) => `mount --bind /dev/null ${file} && `);
  const script = `${hide.join("")}exec "$@"`;
  return ["--user", "--map-root-user", "--mount", "sh", "-c", script, "sh"];
}

/** Whether programs can be hidden; on CI always, so that this does not go missing unnoticed. */
function canHide(): boolean {
  if (process.env["CI"] === "true") return true;
  if (spawnSync(unshare, [...without("bwrap"), "true"]).status === 0)
    return true;
  process.stderr.write(
    "unshare does not run here: a runner without bubblewrap or git is not tested.\n",
  );
  return false;
}

let database: TestDatabase;
let folder: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  const template = "pullwright_with_queue";
  await ensureTemplateDatabase(template, async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  database = await createTestDatabase({ template });
  folder = await mkdtemp(join(tmpdir(), "pullwright-without-"));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** How the runner's own program ends where another one is missing, which is told to end if it starts; and what it says. */
async function endOf(
  missing: string,
  settings: Readonly<Record<string, string>> = {},
) {
  const port = (await freePort()).toString();
  const program = ["../../../jest/register-typescript.mjs", "main.ts"].map(
    (file) => fileURLToPath(new URL(file, import.meta.url)),
  );
  const child = spawn(
    unshare,
    [...without(missing), process.execPath, "--import", ...program],
    {
      env: {
        PATH,
        WORK_DIR: folder,
        DATABASE_URL: database.url,
        GITHUB_TOKEN: "ghp_nobody",
        GITHUB_API_URL: "http://127.0.0.1:1",
        HOST: "127.0.0.1",
        PORT: port,
        ...settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  children.push(child);
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]
      .setEncoding("utf8")
      .on("data", (text: string) => (said[stream] += text));
  const ended = once(child, "close");
  await until(async () => {
    if (child.exitCode !== null) return true;
    const ready = `http://127.0.0.1:${port}/health/ready`;
    return (await fetch(ready).catch(() => null))?.ok;
  }, "it is ready or has ended");
  child.kill("SIGTERM");
  return { ended: await ended, ...said };
}

const areHidden = canHide();

if (areHidden)
  describe("a runner where bubblewrap is missing", () => {
    test("does not start, and names the way out", async () => {
      expect(await endOf("bwrap")).toMatchObject({
        ended: [1, null],
        stderr:
          "agent-runner did not start. bubblewrap (bwrap) is not installed. Agents do not run without a sandbox unless ALLOW_UNSANDBOXED_AGENTS=true.\n",
      });
    });

    test("starts when that is allowed, and warns", async () => {
      expect(
        await endOf("bwrap", { ALLOW_UNSANDBOXED_AGENTS: "true" }),
      ).toEqual({
        ended: [0, null],
        stdout: expect.stringMatching(/"level":"warn".*without a sandbox/),
        stderr: "",
      });
    });
  });

if (areHidden)
  describe("a runner where git is missing in the usual places", () => {
    const unsandboxed = { ALLOW_UNSANDBOXED_AGENTS: "true" };
    const refusal = (why: RegExp) => ({
      ended: [1, null],
      stderr: expect.stringMatching(
        new RegExp(
          `^agent-runner did not start\\. ${why.source} Put git 2\\.38 or newer on PATH\\.\n$`,
        ),
      ),
    });

    test("does not start, and says what it needs", async () => {
      expect(await endOf("git", unsandboxed)).toMatchObject(
        refusal(/git could not be started: .*E(NOENT|ACCES)\./),
      );
    });

    test("starts with the one on PATH", async () => {
      const git = await findExecutable("git", PATH);
      const bin = await mkdtemp(join(folder, "bin-"));
      await copyFile(git ?? "git", join(bin, "git"));
      const settings = { ...unsandboxed, PATH: `${bin}:${PATH}` };
      expect(await endOf("git", settings)).toMatchObject({
        ended: [0, null],
        stderr: "",
      });
    });

    test("does not start with one that is too old", async () => {
      const bin = await mkdtemp(join(folder, "bin-"));
      const old = "#!/bin/sh\necho git version 2.37.9\n";
      await writeFile(join(bin, "git"), old, { mode: 0o755 });
      const settings = { ...unsandboxed, PATH: `${bin}:${PATH}` };
      expect(await endOf("git", settings)).toMatchObject(
        refusal(/git version 2\.37\.9 is too old\./),
      );
    });
  });
