import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { AppError } from "../error/app-error.js";
import { sleep } from "../time/sleep.js";
import { findAccount } from "./postgres-account.js";
import { findBinaries, type PostgresBinaries } from "./postgres-binaries.js";
import { run, runWithInput, startServer } from "./postgres-command.js";
import {
  exists,
  giveTo,
  passwordOf,
  prepareHome,
  type PostgresHome,
} from "./postgres-home.js";
import {
  isAlive,
  isPostmaster,
  readPostmasterFile,
  type PostmasterFile,
} from "./postmaster-file.js";

const USER = "pullwright";
const DATABASE = "pullwright";
const START_TIMEOUT_MS = 60_000;
/** How long a start that fails is tried again: for ports that were taken, and backends of a killed server that still leave. */
const RETRY_FOR_MS = 5_000;
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 20;

/** Where and how an embedded Postgres runs. */
export interface EmbeddedPostgresOptions {
  /** The folder of this Postgres, made when missing. */
  readonly dataDir: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Server settings (`postgresql.conf` names) on top of ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told in one sentence what happens. */
  readonly onLog?: (message: string) => void;
}

/** A running embedded Postgres. */
export interface EmbeddedPostgres {
  /** Connection URL with the password in it: a secret. */
  readonly url: string;
  readonly port: number;
  /** The folder the data really lies in; differs from `dataDir` when that was closed to Postgres's user. */
  readonly folder: string;
  /** Another living process started it: `stop` leaves it running. */
  readonly shared: boolean;
  stop(): Promise<void>;
}

/**
 * Starts the embedded Postgres of a folder, or joins the one that already runs there.
 *
 * The data stays between starts. A Postgres whose starter was killed is taken over; one whose starter lives is shared.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const log = options.onLog ?? (() => undefined);
  const account = await findAccount();
  const home = await prepareHome(options.dataDir, account);
  const binaries = await findBinaries(account, home.shared);
  const password = await passwordOf(home);
  if (!(await exists(home.data))) {
    log(`Creating the embedded Postgres in ${home.folder}`);
    await initialise(home, binaries, password);
  }
  const running =
    (await findRunning(home)) ?? (await launch(home, binaries, options));
  const shared = !(await takeOwnership(home, running.started));
  log(describe(home, running.file, running.started, shared));
  return {
    url: `postgresql://${USER}:${password}@127.0.0.1:${running.file.port.toString()}/${DATABASE}`,
    port: running.file.port,
    folder: home.folder,
    shared,
    stop: async () => {
      if (!shared) await stop(home, running.file.pid);
    },
  };
}

interface Running {
  readonly file: PostmasterFile;
  /** By us, now. */
  readonly started: boolean;
}

/** Builds the cluster beside its place and moves it there whole: a kill in between leaves nothing half made. */
async function initialise(
  home: PostgresHome,
  { initdb, postgres }: PostgresBinaries,
  password: string,
) {
  const { account, folder } = home;
  const draft = join(folder, `data.${process.pid.toString()}`);
  const passwordFile = `${draft}.password`;
  await rm(draft, { recursive: true, force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveTo(account, passwordFile);
  await mkdir(draft, { mode: 0o700 });
  await giveTo(account, draft);
  try {
    // prettier-ignore
    await run(initdb, [
      "--pgdata", draft, "--username", USER, "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8",
      // Built in: the same order of strings on every machine, whatever locales it has.
      "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions",
    ], { account, cwd: folder });
    const single = [
      "--single",
      "-D",
      draft,
      "-c",
      "log_min_messages=fatal",
      "template1",
    ];
    await runWithInput(postgres, single, `CREATE DATABASE ${DATABASE}\n`, {
      account,
      cwd: folder,
    });
    await rename(draft, home.data);
  } catch (cause) {
    if (await exists(home.data)) return; // Another process was faster.
    throw new AppError(
      "postgres_init_failed",
      `The embedded Postgres could not be created in ${folder}.`,
      { cause },
    );
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** Finds the Postgres that runs on the folder; clears away the pid file of one that is gone. */
async function findRunning(home: PostgresHome): Promise<Running | undefined> {
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

async function launch(
  home: PostgresHome,
  binaries: PostgresBinaries,
  options: EmbeddedPostgresOptions,
): Promise<Running> {
  const giveUpAt = performance.now() + RETRY_FOR_MS;
  while (performance.now() < giveUpAt) {
    const port = options.port ?? (await freePort());
    const file = await launchOnce(home, binaries, port, options.settings ?? {});
    if (file) return { file, started: true };
    // Another process was faster, the port was taken, or backends of a killed one are still leaving.
    const other = await findRunning(home);
    if (other) return other;
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

/** Makes us the one that stops it, unless its starter still lives. */
async function takeOwnership(
  home: PostgresHome,
  started: boolean,
): Promise<boolean> {
  const owner = Number.parseInt(
    await readFile(home.owner, "utf8").catch(() => ""),
    10,
  );
  if (!started && Number.isInteger(owner) && isAlive(owner)) return false;
  await writeFile(home.owner, `${process.pid.toString()}\n`);
  return true;
}

async function stop(home: PostgresHome, pid: number): Promise<void> {
  // SIGINT is Postgres's fast shutdown, SIGQUIT its immediate one (safe: it recovers at the next start).
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (!(await isPostmaster(pid, home.data))) break;
    process.kill(pid, signal);
    const giveUpAt = performance.now() + STOP_TIMEOUT_MS;
    while (performance.now() < giveUpAt && (await isPostmaster(pid, home.data)))
      await sleep(POLL_MS);
  }
  await rm(home.owner, { force: true });
}

function describe(
  home: PostgresHome,
  { port, pid }: PostmasterFile,
  started: boolean,
  shared: boolean,
): string {
  const what = `Postgres in ${home.folder} on 127.0.0.1:${port.toString()} (process ${pid.toString()})`;
  if (started) return `Started the embedded ${what}`;
  return shared
    ? `Sharing the ${what} with the process that started it`
    : `Took over the ${what}; its starter is gone`;
}

async function lastWords(home: PostgresHome): Promise<string> {
  const text = await readFile(home.serverLog, "utf8").catch(() => "");
  return `Its last words (${home.serverLog}): ${text.trim().split("\n").slice(-3).join(" · ") || "none"}`;
}

function notReady(home: PostgresHome, detail: string): AppError {
  return new AppError(
    "postgres_start_failed",
    `The embedded Postgres in ${home.folder} did not start. ${detail}`,
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
