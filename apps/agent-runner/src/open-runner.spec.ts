import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

const bwraps = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  .split(":")
  .map((folder) => join(folder, "bwrap"))
  .filter((file) => existsSync(file));
const hide = bwraps.map((file) => `mount --bind /dev/null ${file} && `);

/** What has unshare run a command in a namespace of its own, where nothing can be run that is called bwrap. */
const withoutBwrap = [
  "--user",
  "--map-root-user",
  "--mount",
  "sh",
  "-c",
  `${hide.join("")}exec "$@"`,
  "sh",
];

/** Whether bubblewrap can be hidden; on CI always, so that this does not go missing unnoticed. */
function canHide(): boolean {
  if (process.env["CI"] === "true") return true;
  if (spawnSync(unshare, [...withoutBwrap, "true"]).status === 0) return true;
  process.stderr.write(
    "unshare does not run here: a runner without bubblewrap is not tested.\n",
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
  folder = await mkdtemp(join(tmpdir(), "pullwright-without-bwrap-"));
});
afterAll(async () => {
  for (const child of children) child.kill("SIGKILL");
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** How the runner's own program ends where bubblewrap is missing, which is told to end if it starts; and what it says. */
async function endOf(settings: Readonly<Record<string, string>> = {}) {
  const port = (await freePort()).toString();
  const program = ["../../../jest/register-typescript.mjs", "main.ts"].map(
    (file) => fileURLToPath(new URL(file, import.meta.url)),
  );
  const child = spawn(
    unshare,
    [...withoutBwrap, process.execPath, "--import", ...program],
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

if (canHide())
  describe("a runner where bubblewrap is missing", () => {
    test("does not start, and names the way out", async () => {
      expect(await endOf()).toMatchObject({
        ended: [1, null],
        stderr:
          "agent-runner did not start. bubblewrap (bwrap) is not installed. Agents do not run without a sandbox unless ALLOW_UNSANDBOXED_AGENTS=true.\n",
      });
    });

    test("starts when that is allowed, and warns", async () => {
      expect(await endOf({ ALLOW_UNSANDBOXED_AGENTS: "true" })).toEqual({
        ended: [0, null],
        stdout: expect.stringMatching(/"level":"warn".*without a sandbox/),
        stderr: "",
      });
    });
  });
