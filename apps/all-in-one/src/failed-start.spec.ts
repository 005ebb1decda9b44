import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from "@jest/globals";
import { loadConfig } from "@pullwright/platform";
import { migrateDatabase } from "@pullwright/runtime";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  freePort,
  type TestDatabase,
} from "@pullwright/testing";
import { startBuilt } from "./__fixtures__/services.js";

jest.setTimeout(120_000);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pullwright-start-"));
  await chmod(folder, 0o711); // Run by root, Postgres is another user, who must get in.
});
afterEach(async () => {
  for (const pid of await processesOfPostgres()) process.kill(pid, "SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** Programs of Postgres, whichever, that work on this spec's folder. */
async function processesOfPostgres(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const commands = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")),
  );
  return pids
    .filter((_, index) => commands[index]?.includes(folder))
    .map(Number);
}

/** Starts all services on a Postgres of their own, or one alone; how the process ends, and what it said. */
async function outcomeOf(
  settings: Readonly<Record<string, string>> = {},
  end?: {
    readonly at: string;
    readonly signal: NodeJS.Signals;
    readonly before?: () => Promise<void>;
  },
  app = "all-in-one",
  within?: readonly [string, ...string[]],
) {
  const environment = {
    PATH: process.env["PATH"],
    ALLOW_UNSANDBOXED_AGENTS: "true", // Where bubblewrap does not run, no runner would start.
    WORK_DIR: folder,
    HOST: "127.0.0.1",
    PORT: String(await freePort()),
    WEBHOOK_PORT: String(await freePort()),
    GITHUB_TOKEN: "of-nobody",
    GITHUB_API_URL: "http://127.0.0.1:1",
    GITHUB_WEBHOOK_SECRET: "a-secret-of-the-specs-and-nobody-else",
    ...settings,
  };
  const child = startBuilt(app, "main.js", environment, within);
  let said = "";
  const tellToEnd = async () => {
    await end?.before?.().catch((error: unknown) => (said += String(error)));
    child.kill(end?.signal);
  };
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      if (end && !said.includes(end.at) && `${said}${text}`.includes(end.at))
        void tellToEnd();
      said += text;
    });
  const [exitCode, signal] = (await once(child, "close")) as [
    number | null,
    NodeJS.Signals | null,
  ]; // As Node documents it.
  return { end: signal ?? exitCode, said };
}

async function expectNoPostgres(): Promise<void> {
  expect(await processesOfPostgres()).toEqual([]);
  const left = await readdir(join(folder, "postgres", "data")).catch(() => []);
  expect(left).not.toContain("postmaster.pid");
}

async function occupy(): Promise<{ server: Server; port: string }> {
  const port = await freePort();
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  return { server, port: String(port) };
}

/** What is said of a start that people can mend: the setting and how, in words without a stack. */
function expectWords(
  { end, said }: Awaited<ReturnType<typeof outcomeOf>>,
  words: string,
): void {
  expect(said).toContain(
    `did not start. The configuration is not usable:\n  ${words}`,
  );
  expect(said).not.toMatch(/^ +at /m);
  expect(end).toBe(1);
}

it.each(["PORT", "WEBHOOK_PORT"])(
  "a start that finds its %s taken begins no work, and leaves no Postgres behind",
  async (name) => {
    const { server, port } = await occupy();
    const outcome = await outcomeOf({ [name]: port });
    server.close();
    expect(outcome.said).toMatch(
      /Started the embedded Postgres in .*process \d+/,
    );
    expectWords(outcome, `${name}: ${port} on 127.0.0.1 is taken: end what`);
    await expectNoPostgres();
    expect(outcome.said).not.toContain("this poller polls now");
  },
);

it("a start whose two ports are one says so at once", async () => {
  const port = String(await freePort());
  const outcome = await outcomeOf({ PORT: port, WEBHOOK_PORT: port });
  expectWords(outcome, `WEBHOOK_PORT: is PORT too (${port}): set another\n`);
  expect(outcome.said).not.toContain("Postgres");
});

it("a second start on the same WORK_DIR says who uses it, and leaves the first at work", async () => {
  const port = String(await freePort());
  const seen: [Awaited<ReturnType<typeof outcomeOf>>, unknown][] = [];
  const first = await outcomeOf(
    { PORT: port },
    {
      at: "Pullwright runs.",
      signal: "SIGTERM",
      before: async () => {
        const second = await outcomeOf();
        const health = await fetch(`http://127.0.0.1:${port}/health/ready`);
        seen.push([second, await health.json()]); // GitHub is away, Postgres must not be.
      },
    },
  );
  expect(first.end).toBe(0);
  const [[second, health] = [first, undefined]] = seen;
  expectWords(second, "WORK_DIR: the embedded Postgres in ");
  expect(second.said).toMatch(
    / is in use by process \d+: end that one, or set another folder\n/,
  );
  expect(health).toMatchObject({ checks: { postgres: { status: "ok" } } });
  await expectNoPostgres();
});

it("a start on an address of another machine names HOST", async () => {
  expectWords(
    await outcomeOf({ HOST: "192.0.2.1" }),
    "HOST: 192.0.2.1 is no address of this machine (EADDRNOTAVAIL): set one",
  );
  await expectNoPostgres();
});

describe("a start names a WORK_DIR", () => {
  it("below a file", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    expectWords(
      await outcomeOf({ WORK_DIR: join(file, "work") }),
      `WORK_DIR: ${file}/work/postgres cannot be used (ENOTDIR); a file is in its way`,
    );
  });

  it("that cannot be written", async () => {
    const outcome = await outcomeOf({ WORK_DIR: "/sys/pullwright" }); // Not even by root.
    expectWords(outcome, "WORK_DIR: /sys/pullwright");
    expect(outcome.said).toMatch(
      / cannot be used \(E(ACCES|PERM|ROFS)\); set a folder that this user may write\n/,
    );
  });

  it("on a full disk", async () => {
    const { end, said } = await (mountSmallVolume()
      ? outcomeOf().finally(() => execFileSync("umount", [folder]))
      : withSmallFiles());
    expect(said).toMatch(
      /did not start\. The embedded Postgres could not be created in .*: (No space left on device|File too large).*\. Mend that, set another WORK_DIR, /,
    );
    expect(said).not.toMatch(/^ +at /m);
    expect(end).toBe(1);
  });
});

/** Whether the folder is a volume without room now: only root may make one, and not in a plain container. */
function mountSmallVolume(): boolean {
  if (process.getuid?.() !== 0) return false;
  const size = "size=2m,mode=0755";
  const argv = ["-t", "tmpfs", "-o", size, "none", folder];
  return spawnSync("mount", argv).status === 0;
}

/** What comes nearest for anyone else: files that end early, at 64 KiB. */
function withSmallFiles() {
  const shell = ["sh", "-c", 'ulimit -f 128 && exec "$@"', "sh"] as const;
  return outcomeOf({}, undefined, "all-in-one", shell);
}

describe("started alone", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    const template = "pullwright_with_queue";
    await ensureTemplateDatabase(template, async (url) => {
      await migrateDatabase(loadConfig({}), url);
    });
    database = await createTestDatabase({ template });
  });
  afterAll(() => database.drop());

  const start = (app: string, settings: Readonly<Record<string, string>>) =>
    outcomeOf({ DATABASE_URL: database.url, ...settings }, undefined, app);

  it.each([
    ["api", "PORT"],
    ["orchestrator", "PORT"],
    ["poller", "PORT"],
    ["agent-runner", "PORT"],
    ["webhook-gateway", "WEBHOOK_PORT"],
  ])("%s names its %s that is taken", async (app, name) => {
    const { server, port } = await occupy();
    const outcome = await start(app, { [name]: port });
    server.close();
    expectWords(outcome, `${name}: ${port} on 127.0.0.1 is taken: end what`);
  });

  it("the gateway names a HOST that is none", async () => {
    expectWords(
      await start("webhook-gateway", { HOST: "999.1.1.1" }),
      "HOST: 999.1.1.1 is no address of this machine (E",
    );
  });

  it("a runner names a WORK_DIR below a file", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    expectWords(
      await start("agent-runner", { WORK_DIR: join(file, "work") }),
      `WORK_DIR: ${file}/work/workspaces cannot be used (ENOTDIR); a file is in its way`,
    );
  });
});

it.each([
  ["is created", "Creating the embedded", "SIGTERM"],
  ["has begun", "Started the embedded", "SIGINT"],
  ["has begun", "Started the embedded", "SIGTERM"],
  ["is in use", "The admin key", "SIGTERM"],
] as const)(
  "a start that is told to end once its Postgres %s ends well, and leaves none behind (%s, %s)",
  async (_when, at, signal) => {
    const { end, said } = await outcomeOf({}, { at, signal });
    expect(said).toContain(at);
    await expectNoPostgres();
    expect(said).not.toMatch(/did not start|Pullwright runs/);
    expect(end).toBe(0);
  },
);
