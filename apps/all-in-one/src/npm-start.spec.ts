import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from "@jest/globals";
import { freePort, until } from "@pullwright/testing";

jest.setTimeout(120_000);

const root = new URL("../../../", import.meta.url);

/** A checkout with the repository's scripts whose build and programs are this spec's: a real build would take dist from other specs. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pullwright-npm-"));
  await chmod(folder, 0o711); // Run by root, Postgres is another user, who must get in.
  const { scripts } = JSON.parse(
    await readFile(new URL("package.json", root), "utf8"),
  ) as { scripts: Record<string, string> }; // As npm requires it.
  await write("package.json", JSON.stringify({ type: "module", scripts }));
  await writeNx("");
});
afterEach(async () => {
  for (const pid of await processes()) process.kill(pid, "SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text, { mode: 0o755 });
}

const writeNx = (commands: string) =>
  write("node_modules/.bin/nx", `#!/bin/sh\n${commands}\n`);

/** All that `npm` started and what that started, wherever it is now: they bear the folder. */
async function processes(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/environ`, "utf8").catch(() => "")),
  );
  return pids
    .filter((_, index) => environments[index]?.includes(`SPEC=${folder}`))
    .map(Number);
}

/** Runs one of npm's commands; how it ends, what it said, and who is left then. */
async function npm(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  endAt?: string,
) {
  const child = spawn("npm", args, {
    cwd: folder,
    env: { PATH: process.env["PATH"], HOME: folder, SPEC: folder, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]
      .setEncoding("utf8")
      .on("data", (text: string) => (said[stream] += text));
  const exit = once(child, "exit") as Promise<[number | null, string | null]>; // As Node documents it.
  if (endAt !== undefined) {
    await until(
      () =>
        child.exitCode !== null ||
        `${said.stdout}${said.stderr}`.includes(endAt),
      `${endAt} in ${args.join(" ")}`,
      60_000,
    );
    child.kill("SIGTERM");
  }
  const [exitCode, signal] = await exit;
  return { ...said, end: signal ?? exitCode, left: await processes() };
}

/** Has `npm start` run the sources. */
function writeMain() {
  const file = (path: string) => JSON.stringify(new URL(path, root).href);
  return write(
    "apps/all-in-one/dist/main.js",
    `import ${file("jest/register-typescript.mjs")};
     await import(${file("apps/all-in-one/src/main.ts")});`,
  );
}

it("npm start takes its settings from the environment, and from no file beside it", async () => {
  await writeMain();
  // For want of a token this start fails, and names every bad setting that it has read.
  await write(".env", "LOG_LEVEL=nonsense\nPORT=nonsense\n");
  expect(await npm(["--silent", "start"])).toMatchObject({
    end: 1,
    stderr: `Pullwright did not start. The configuration is not usable:
  GITHUB_TOKEN: is missing: set it, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY
`,
  });
});

it("a signal to npm ends Pullwright in order, and leaves no process", async () => {
  await writeMain();
  const { end, left, stdout } = await npm(
    ["--silent", "start"],
    {
      WORK_DIR: join(folder, "work"),
      HOST: "127.0.0.1",
      PORT: String(await freePort()),
      WEBHOOK_PORT: String(await freePort()),
      GITHUB_TOKEN: "of-nobody",
      ALLOW_UNSANDBOXED_AGENTS: "true", // Where bubblewrap does not run, no runner would start.
      GITHUB_API_URL: "http://127.0.0.1:1",
      POLLING: "false",
    },
    "Pullwright runs.",
  );
  expect({ end, left }).toEqual({ end: 0, left: [] });
  const logged = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);
  expect(logged.at(-1)).toMatchObject({ msg: "shut down", clean: true });
});

it.each(
  ["sh", "bash"].flatMap((shell) => [
    [shell, "start", "apps/all-in-one"],
    [shell, "demo", "tools/demo"],
    [shell, "bench", "tools/bench"],
    [shell, "test:faults", "tools/faults"],
  ]),
)(
  "a signal to npm reaches the program (%s, %s)",
  async (shell, script, project) => {
    await write(
      `${project}/dist/main.js`,
      `setInterval(() => {}, 1_000);
       process.on("SIGTERM", () => { console.log("ends in order"); process.exit(0); });
       console.log("ready", process.argv[2]);`,
    );
    const { end, left, stdout } = await npm(
      ["run", script, "--", "--given"],
      { npm_config_script_shell: shell },
      "ready --given",
    );
    expect({ end, left }).toEqual({ end: 0, left: [] });
    expect(stdout).toContain("ends in order");
  },
);

describe.each(["sh", "bash"])("a build before a command (%s)", (shell) => {
  const start = () =>
    npm(["--silent", "start"], { npm_config_script_shell: shell });

  it("says nothing where it works, so that stdout is the command's alone", async () => {
    await writeNx("echo built; echo with a warning >&2");
    await write("apps/all-in-one/dist/main.js", `console.log('{"level":30}');`);
    expect(await start()).toMatchObject({
      end: 0,
      stdout: '{"level":30}\n',
      stderr: "",
    });
  });

  it("tells all on stderr where it fails, and nothing is started", async () => {
    await writeNx(
      String.raw`printf '%s\n' 'a\tb: no such module'; echo 100% >&2; exit 3`,
    );
    await write("apps/all-in-one/dist/main.js", `console.log("started");`);
    expect(await start()).toMatchObject({
      end: 3,
      stdout: "",
      stderr: String.raw`a\tb: no such module` + "\n100%\n",
    });
  });
});

it.each(["sh", "bash"])(
  "npm run pullwright needs no build before, and makes none under services that run (%s)",
  async (shell) => {
    const call = () =>
      npm(["--silent", "run", "pullwright", "--", "doctor"], {
        npm_config_script_shell: shell,
      });
    await writeNx(
      `mkdir -p apps/cli/dist; echo 'console.log("first", process.argv[2])' > apps/cli/dist/main.js`,
    );
    const first = { end: 0, stdout: "first doctor\n", stderr: "" };
    expect(await call()).toMatchObject(first);
    await writeNx("exit 1");
    expect(await call()).toMatchObject(first);
  },
);
