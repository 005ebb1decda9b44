import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { loadConfig } from "@pullwright/platform";
import { migrateDatabase } from "@pullwright/runtime";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  freePort,
  until,
  type TestDatabase,
} from "@pullwright/testing";

/** In a namespace of its own, where nothing can be run that is called bwrap. */
const [unshare = "", ...withoutBwrap] = [
  "unshare",
  "--user",
  "--map-root-user",
  "--mount",
  "sh",
  "-c",
  [
    ...["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin"]
      .concat("/sbin", "/bin")
      .map((folder) => join(folder, "bwrap"))
      .filter((file) => existsSync(file))
      .map((file) => `mount --bind /dev/null ${file}`),
    'exec "$@"',
  ].join(" && "),
  "sh",
];

/** Whether it can be hidden; on CI always, so that this does not go missing unnoticed. */
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
beforeAll(async () => {
  const template = "pullwright_with_queue";
  await ensureTemplateDatabase(template, async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  database = await createTestDatabase({ template });
  folder = await mkdtemp(join(tmpdir(), "pullwright-without-bwrap-"));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts the runner's own program where bubblewrap is missing. */
async function start(settings: Readonly<Record<string, string>> = {}) {
  const port = (await freePort()).toString();
  const program = ["../../../jest/register-typescript.mjs", "main.ts"].map(
    (file) => fileURLToPath(new URL(file, import.meta.url)),
  );
  const child = spawn(
    unshare,
    [...withoutBwrap, process.execPath, "--import", ...program],
    {
      env: {
        PATH: process.env["PATH"],
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
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]
      .setEncoding("utf8")
      .on("data", (text: string) => (said[stream] += text));
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  return { child, said, isReady, ended: once(child, "close") };
}

if (canHide())
  describe("a runner where bubblewrap is missing", () => {
    test("does not start, and names the way out", async () => {
      const { said, ended } = await start();
      expect(await ended).toEqual([1, null]);
      expect(said.stderr).toBe(
        "agent-runner did not start. bubblewrap (bwrap) is not installed. Agents do not run without a sandbox unless ALLOW_UNSANDBOXED_AGENTS=true.\n",
      );
    });

    test("starts when that is allowed, and warns", async () => {
      const { child, said, isReady, ended } = await start({
        ALLOW_UNSANDBOXED_AGENTS: "true",
      });
      const isDecided = async () => child.exitCode !== null || isReady();
      await until(isDecided, "it is ready or has ended");
      child.kill("SIGTERM");
      expect({ ended: await ended, ...said }).toEqual({
        ended: [0, null],
        stdout: expect.stringMatching(/"level":"warn".*without a sandbox/),
        stderr: "",
      });
    });
  });
