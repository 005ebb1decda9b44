import { closeSync, openSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { AppError } from "../error/app-error.js";
import { sleep } from "../time/sleep.js";
import type { PostgresBinaries } from "./postgres-binaries.js";
import { holderOf, inUse } from "./claim-home.js";
import { elsewhere, lastLinesOf } from "./postgres-complaint.js";
import { startServer } from "./postgres-command.js";
import type { PostgresHome } from "./postgres-home.js";
import {
  isPostmaster,
  readPostmasterFile,
  type PostmasterFile,
} from "./postmaster-file.js";

const START_TIMEOUT_MS = 60_000;
/** How long a start that fails is tried again: for ports that were taken, and backends of a killed server that still leave. */
const RETRY_FOR_MS = 5_000;
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 20;

/** A Postgres that accepts connections. */
export interface Running {
  readonly file: PostmasterFile;
  /** By us, now. */
  readonly started: boolean;
}

/** Finds the Postgres that runs on the folder; clears away the pid file of one that is gone. */
export async function findRunning(
  home: PostgresHome,
): Promise<Running | undefined> {
  const giveUpAt = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    const file = await readPostmasterFile(home.data);
    if (!file) return undefined;
    if (!(await isPostmaster(file.pid, home.data))) {
      await rm(join(home.data, "postmaster.pid"), { force: true });
      return undefined;
    }
    if (file.ready) return { file, started: false };
    if (performance.now() > giveUpAt)
      throw notReady(
        home,
        `Process ${file.pid.toString()} uses it and does not become ready.`,
      );
    await sleep(POLL_MS);
  }
}

interface LaunchOptions {
  /** Default: a free port. */
  readonly port?: number;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Starts one; throws where another process was faster. */
export async function launch(
  home: PostgresHome,
  binaries: PostgresBinaries,
  options: LaunchOptions,
): Promise<Running> {
  const giveUpAt = performance.now() + RETRY_FOR_MS;
  while (performance.now() < giveUpAt) {
    const port = options.port ?? (await freePort());
    const file = await launchOnce(home, binaries, port, options.settings ?? {});
    if (file) return { file, started: true };
    // The port was taken, or backends of a killed one are still leaving; or two processes found the same one dead.
    if (await findRunning(home)) throw inUse(home, await holderOf(home));
    await sleep(250);
  }
  throw notReady(home, await lastWords(home));
}

async function launchOnce(
  home: PostgresHome,
  { postgres }: PostgresBinaries,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<PostmasterFile | undefined> {
  const flags = Object.entries({
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    // Refused statements are the caller's to log; here they would only fill the file.
    log_min_messages: "log",
    log_checkpoints: "off",
    ...settings,
  }).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const logFd = openSync(home.serverLog, "w", 0o600);
  const argv = ["-D", home.data, "-p", port.toString(), ...flags];
  const child = startServer(postgres, argv, logFd, {
    account: home.account,
    cwd: home.folder,
  });
  closeSync(logFd);
  const ended = new AbortController();
  child.once("exit", () => ended.abort());
  child.once("error", () => ended.abort());
  while (!ended.signal.aborted) {
    const file = await readPostmasterFile(home.data);
    if (file?.ready && file.pid === child.pid) return file;
    await sleep(POLL_MS);
  }
  return undefined;
}

/** Ends it: kindly, then at once, then by force. */
export async function stopPostmaster(
  home: PostgresHome,
  pid: number,
): Promise<void> {
  // SIGINT is Postgres's fast shutdown, SIGQUIT its immediate one (safe: it recovers at the next start).
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (!(await isPostmaster(pid, home.data))) break;
    process.kill(pid, signal);
    const giveUpAt = performance.now() + STOP_TIMEOUT_MS;
    while (performance.now() < giveUpAt && (await isPostmaster(pid, home.data)))
      await sleep(POLL_MS);
  }
}

async function lastWords(home: PostgresHome): Promise<string> {
  const text = await readFile(home.serverLog, "utf8").catch(() => "");
  return `Its last words (${home.serverLog}): ${lastLinesOf(text) || "none"}. ${elsewhere}`;
}

function notReady(home: PostgresHome, detail: string): AppError {
  return new AppError(
    "postgres_start_failed",
    `The embedded Postgres in ${home.folder} did not start. ${detail}`,
    { expose: true },
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) =>
    server.once("error", reject).listen(0, "127.0.0.1", resolve),
  );
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string")
    throw new TypeError("A listening TCP server has a port.");
  return address.port;
}
