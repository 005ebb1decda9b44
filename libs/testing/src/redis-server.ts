import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.js";

/** A Redis for specs. */
export interface TestRedis {
  readonly url: string;
  close(): Promise<void>;
}

/** A Redis of the spec's own, which it may hurt. */
export interface OwnRedis extends TestRedis {
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with what its append-only file kept; `empty`: without. */
  restart(options?: { readonly empty?: boolean }): Promise<void>;
  /** Makes it hang (SIGSTOP), and go on. */
  suspend(): void;
  resume(): void;
}

/**
 * Whether a `redis-server` is on PATH. On CI there must be one, or a `REDIS_URL`, so that Redis does not go missing
 * unnoticed; what lies at `REDIS_URL` is not ours to hurt, so that specs which do are left out even there.
 */
export function hasRedisServer(): boolean {
  const { env } = process;
  if (spawnSync("redis-server", ["--version"], { env }).status === 0)
    return true;
  if (process.env["CI"] === "true" && !process.env["REDIS_URL"])
    throw new Error("CI needs REDIS_URL or a redis-server on PATH.");
  return false;
}

/** The Redis that specs share: `REDIS_URL`, else a `redis-server` of their own; none where there is neither. */
export async function redisForTests(): Promise<TestRedis | undefined> {
  const url = process.env["REDIS_URL"];
  if (url) return { url, close: () => Promise.resolve() };
  return hasRedisServer() ? startRedisServer() : undefined;
}

/** What a whole test run leaves out on this machine; one line, or null when it leaves out nothing. */
export function whatIsLeftOut(): string | null {
  if (hasRedisServer()) return null;
  return process.env["REDIS_URL"]
    ? "No redis-server on PATH: what needs a Redis of its own, which it may hurt, is not tested."
    : "Neither REDIS_URL nor a redis-server on PATH: nothing is tested on Redis.";
}

/** Starts a `redis-server` on a free port of the loopback interface; its data goes into `dataDir`, or a folder of its own. */
export async function startRedisServer(dataDir?: string): Promise<OwnRedis> {
  const folder =
    dataDir ?? (await mkdtemp(join(tmpdir(), "pullwright-test-redis-")));
  const port = await freePort();
  let server = await start(port, folder);
  return {
    url: `redis://127.0.0.1:${port.toString()}`,
    close: async () => {
      await end(server);
      if (dataDir === undefined)
        await rm(folder, { recursive: true, force: true });
    },
    kill: () => end(server),
    restart: async ({ empty = false } = {}) => {
      await end(server);
      if (empty) await rm(join(folder, "appendonlydir"), { recursive: true });
      server = await start(port, folder);
    },
    suspend: () => void server.kill("SIGSTOP"),
    resume: () => void server.kill("SIGCONT"),
  };
}

async function start(port: number, folder: string): Promise<ChildProcess> {
  const settings = {
    bind: "127.0.0.1",
    port: port.toString(),
    dir: folder,
    save: "",
    appendonly: "yes",
  };
  const argv = Object.entries(settings).flatMap(([name, value]) => [
    `--${name}`,
    value,
  ]);
  const server = spawn("redis-server", argv, { stdio: "ignore" });
  process.once("exit", () => server.kill("SIGKILL"));
  while (!(await accepts(port))) {
    if (server.exitCode !== null)
      throw new Error(`redis-server ended with ${server.exitCode.toString()}`);
    await sleep(10);
  }
  return server;
}

async function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ port, host: "127.0.0.1" });
    socket
      .once("connect", () => resolve(true))
      .once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGKILL");
  await ended;
}
