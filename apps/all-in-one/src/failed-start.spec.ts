import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, jest } from "@jest/globals";
import { freePort, startTypescript } from "@pullwright/testing";

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

/** Starts all services on a Postgres of their own; how the process ends, and what it said. */
async function outcomeOf(
  settings: Readonly<Record<string, string>> = {},
  end?: { readonly at: string; readonly signal: NodeJS.Signals },
) {
  const child = startTypescript(new URL("main.ts", import.meta.url), [], {
    env: {
      PATH: process.env["PATH"],
      WORK_DIR: folder,
      HOST: "127.0.0.1",
      PORT: String(await freePort()),
      WEBHOOK_PORT: String(await freePort()),
      GITHUB_TOKEN: "of-nobody",
      GITHUB_API_URL: "http://127.0.0.1:1",
      GITHUB_WEBHOOK_SECRET: "a-secret-of-the-specs-and-nobody-else",
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => {
      if (end && !said.includes(end.at) && `${said}${text}`.includes(end.at))
        child.kill(end.signal);
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

it.each(["PORT", "WEBHOOK_PORT"])(
  "a start that finds its %s taken begins no work, and leaves no Postgres behind",
  async (name) => {
    const { server, port } = await occupy();
    const { end, said } = await outcomeOf({ [name]: port });
    server.close();
    expect(said).toMatch(/Started the embedded Postgres in .*process \d+/);
    expect(said).toMatch(/Pullwright did not start\. .*EADDRINUSE/);
    await expectNoPostgres();
    expect(said).not.toContain("this poller polls now");
    expect(end).toBe(1);
  },
);

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
