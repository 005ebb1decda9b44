import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { setPriority } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { KillPoint } from "@pullwright/platform";
import { until } from "@pullwright/testing";
import type { ServiceKind } from "./service-kinds.js";
import type { Programs } from "./service-programs.js";

/** What a service does at a kill point, in the words of the setting `KILL_POINT`. */
export type KillPointSetting =
  `${"" | "stop:" | `block:${number}:`}${KillPoint}` | `${KillPoint}@${number}`;

export type Environment = Readonly<Record<string, string>>;

/** One replica of a service, in a process of its own; killed and started as often as a case likes. */
export interface ServiceProcess {
  /** Such as `agent-runner-2`. */
  readonly name: string;
  readonly url: string;
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  /** All that it has written, of all its lives. */
  readonly logFile: string;
  log(): Promise<string>;
  /** Waits for what it writes from now on; resolves, once it listens, with how to wait. */
  listen(): Promise<(pattern: RegExp) => Promise<void>>;
  /** Starts it and waits until it is ready, or only until it answers. */
  start(options?: StartOptions): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** SIGKILL, and no start any more. */
  close(): Promise<void>;
  /** SIGTERM; resolves with the exit code, or the signal that ended it. */
  stop(): Promise<number | string | null>;
  /** SIGSTOP, and SIGCONT. */
  suspend(): void;
  resume(): void;
  signal(signal: NodeJS.Signals): void;
  /** Has the process that runs strike at a kill point, once. */
  arm(setting: KillPointSetting): Promise<void>;
  /** SIGKILL, then a new start. */
  restart(options?: StartOptions): Promise<void>;
  /** From its next start on it is that of another version. */
  install(programs: Programs): void;
  /** Whether `/health/ready` says so now. */
  isReady(): Promise<boolean>;
  /** The text of `/metrics`. */
  metrics(): Promise<string>;
  /** Ends that nobody here caused: a SIGKILL always has somebody who sent it, a kill point for one. */
  readonly surprises: readonly string[];
}

export interface StartOptions {
  /** `ready` unless told: `/health/ready`; `live`: `/health`; `none`: not at all. */
  readonly wait?: "ready" | "live" | "none";
  /** Besides, or instead of, what it has. */
  readonly env?: Environment;
}

/** Behind what stands for other machines: GitHub, Postgres and Redis must not wait because services start. */
const NICENESS = 5;
const START_WITHIN_MS = 180_000;
const SAYS_WITHIN_MS = 60_000;
const PROBE_MS = 3_000;
/** Often enough to lose no time, seldom enough to cost those that start none. */
const LOOK_EVERY_MS = 50;

export function serviceProcess(options: {
  readonly name: string;
  readonly kind: ServiceKind;
  readonly programs: Programs;
  readonly port: number;
  readonly logFile: string;
  readonly env: Environment;
}): ServiceProcess {
  const { name, port, logFile } = options;
  const strikeFile = `${logFile}.strike`;
  let program = options.programs[options.kind];
  const url = `http://127.0.0.1:${port.toString()}`;
  const surprises: string[] = [];
  let child: ChildProcess | undefined;
  let expected = true;
  let isClosed = false;

  const isRunning = () =>
    child !== undefined && child.exitCode === null && child.signalCode === null;
  const answers = async (path: string) => {
    const answer = await fetch(`${url}${path}`, {
      signal: AbortSignal.timeout(PROBE_MS),
    }).catch(() => null);
    await answer?.text().catch(() => "");
    return answer?.ok === true;
  };
  const spawnChild = (env: Environment) => {
    if (isClosed) throw new Error(`${name} was ended for good.`);
    const log = openSync(logFile, "a");
    const born = spawn(process.execPath, [program], {
      env: {
        ...options.env,
        ...env,
        PORT: String(port),
        WEBHOOK_PORT: String(port),
        STRIKE_FILE: strikeFile,
      },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    if (born.pid !== undefined) setPriority(born.pid, NICENESS);
    child = born;
    expected = false;
    born.once("exit", (code, signal) => {
      if (child === born && !expected && signal !== "SIGKILL")
        surprises.push(
          `${name} ended by itself with ${String(code ?? signal)}`,
        );
    });
  };
  const end = async (signal: NodeJS.Signals) => {
    if (child === undefined || !isRunning()) return child?.exitCode ?? null;
    expected = true;
    const ended = once(child, "exit");
    child.kill(signal);
    child.kill("SIGCONT"); // A stopped process would never hear it.
    await ended;
    return child.exitCode ?? child.signalCode;
  };
  const log = () => readFile(logFile, "utf8").catch(() => "");
  const listen = async () => {
    const before = (await log()).length;
    return (pattern: RegExp) =>
      until(
        async () => pattern.test((await log()).slice(before)),
        `${name} says ${String(pattern)}`,
        SAYS_WITHIN_MS,
      );
  };
  const lastWords = async () => (await log()).trimEnd().slice(-2_000);
  const start = async ({ wait = "ready", env = {} }: StartOptions = {}) => {
    if (isRunning()) return;
    spawnChild(env);
    if (wait === "none") return;
    const path = wait === "ready" ? "/health/ready" : "/health";
    await until(
      async () => {
        if (!isRunning())
          throw new Error(`${name} ended at its start: ${await lastWords()}`);
        await sleep(LOOK_EVERY_MS);
        return answers(path);
      },
      `${name} is ${wait}`,
      START_WITHIN_MS,
    );
  };
  return {
    name,
    url,
    logFile,
    surprises,
    get pid() {
      return isRunning() ? child?.pid : undefined;
    },
    get isRunning() {
      return isRunning();
    },
    log,
    listen,
    start,
    kill: async () => {
      await end("SIGKILL");
    },
    close: async () => {
      isClosed = true;
      await end("SIGKILL");
    },
    stop: () => end("SIGTERM"),
    suspend: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    signal: (signal) => {
      expected = true;
      child?.kill(signal);
    },
    arm: async (setting) => {
      await writeFile(strikeFile, setting);
      child?.kill("SIGUSR2");
      await until(
        () => !existsSync(strikeFile),
        `${name} is armed`,
        SAYS_WITHIN_MS,
      );
    },
    restart: async (again) => {
      await end("SIGKILL");
      await start(again);
    },
    install: (programs) => {
      program = programs[options.kind];
    },
    isReady: () => answers("/health/ready"),
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
  };
}
