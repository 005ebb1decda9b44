import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePorts } from "./free-ports.js";
import { lastWords } from "./last-words.js";
import { stopLeftoverPostgres } from "./leftover-postgres.js";
import { descendantsOf, killAll } from "./process-tree.js";
import { PullwrightClient } from "./pullwright-client.js";

/** What `npm start` runs. */
const program = fileURLToPath(
  new URL("../../../../apps/all-in-one/dist/main.js", import.meta.url),
);

/** Ends Pullwright when whoever started it is gone, even by a kill: the pipe to its stdin closes then. */
const endWithParent = `data:text/javascript,${encodeURIComponent(
  `process.stdin.on("error", () => {}).on("end", () => process.kill(process.pid, "SIGTERM")).resume().unref();`,
)}`;

const READY_WITHIN_MS = 90_000;
const STOPPED_WITHIN_MS = 25_000;
const ASK_EVERY_MS = 100;

/** What a person's shell may give Pullwright; everything else is set on purpose. */
const inherited = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR", "TZ"];

export interface InstallationOptions {
  /** Holds all its files; must be open to Postgres' user when we are root. */
  readonly folder: string;
  readonly apiKey: string;
  /** Everything that is not a default. */
  readonly settings: Readonly<Record<string, string>>;
  /** Ends the wait until it is ready. */
  readonly signal?: AbortSignal;
}

/** Pullwright did not start, or ended when it should not. */
export class InstallationFailed extends Error {
  constructor(message: string) {
    super(message);
    this.name = "InstallationFailed";
  }
}

/** A running Pullwright: all services in one process, on an embedded Postgres, reachable over loopback alone. */
export interface Installation {
  readonly url: string;
  readonly webhookUrl: string;
  readonly client: PullwrightClient;
  readonly logFile: string;
  /** Aborts when the process ends without having been asked to; the reason is an {@link InstallationFailed}. */
  readonly failed: AbortSignal;
  readonly pid: number;
  /** Ends it with all its processes; safe to call twice. */
  stop(): Promise<void>;
}

/** Starts Pullwright as `npm start` does, in a process of its own with nothing but the given environment. */
export async function startInstallation(
  options: InstallationOptions,
): Promise<Installation> {
  const { folder, apiKey, settings } = options;
  const [port = 0, webhookPort = 0] = await freePorts(2);
  await mkdir(folder, { recursive: true });
  const logFile = join(folder, "pullwright.log");
  const workDir = join(folder, "work");
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, ["--import", endWithParent, program], {
    cwd: folder,
    // A group of its own: Ctrl-C in the terminal is ours to pass on, once and in order.
    detached: true,
    stdio: ["pipe", log, log],
    env: {
      ...fromShell(),
      HOST: "127.0.0.1",
      PORT: port.toString(),
      WEBHOOK_PORT: webhookPort.toString(),
      PULLWRIGHT_API_KEY: apiKey,
      WORK_DIR: workDir,
      ...settings,
    },
  });
  closeSync(log);
  const pid = child.pid;
  if (pid === undefined) {
    const [error] = (await once(child, "error")) as [Error];
    throw new InstallationFailed(
      `Pullwright could not be started: ${error.message}`,
    );
  }
  const failed = new AbortController();
  let stopping: Promise<void> | undefined;
  child.once("exit", (code, signal) => {
    if (stopping === undefined)
      failed.abort(
        new InstallationFailed(
          `Pullwright ended by itself (${code ?? signal ?? "unknown"}): ${lastWords(logFile)}`,
        ),
      );
  });
  const url = `http://127.0.0.1:${port}`;
  const installation: Installation = {
    url,
    webhookUrl: `http://127.0.0.1:${webhookPort}/webhooks/github`,
    client: new PullwrightClient(url, apiKey),
    logFile,
    failed: failed.signal,
    pid,
    stop: () => (stopping ??= stop(child, pid, workDir)),
  };
  try {
    await untilReady(installation, options.signal);
  } catch (error) {
    await installation.stop();
    throw error;
  }
  return installation;
}

function fromShell(): Record<string, string> {
  return Object.fromEntries(
    inherited.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function untilReady(
  { url, failed, logFile }: Installation,
  signal?: AbortSignal,
): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (;;) {
    failed.throwIfAborted();
    signal?.throwIfAborted();
    const answer = await fetch(`${url}/health/ready`).catch(() => undefined);
    // Read to the end, or the connection stays open for nothing.
    await answer?.text();
    if (answer?.ok === true) return;
    if (performance.now() > giveUpAt)
      throw new InstallationFailed(
        `Pullwright was not ready within ${READY_WITHIN_MS / 1000} s: ${lastWords(logFile)}`,
      );
    await sleep(ASK_EVERY_MS);
  }
}

async function stop(
  child: ChildProcess,
  pid: number,
  workDir: string,
): Promise<void> {
  await end(child, pid);
  await stopLeftoverPostgres(workDir);
}

async function end(child: ChildProcess, pid: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const inTime = await Promise.race([
    exited.then(() => true),
    sleep(STOPPED_WITHIN_MS, false, { ref: false }),
  ]);
  if (inTime) return;
  const family = await descendantsOf(pid);
  child.kill("SIGKILL");
  killAll(family);
  await exited;
}
