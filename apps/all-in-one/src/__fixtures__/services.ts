import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort, until } from "@pullwright/testing";

/** A service of the product in a process of its own. */
export interface Service {
  readonly process: ChildProcess;
  readonly url: string;
  /** What it wrote, for a spec that failed. */
  readonly output: () => string;
  /** Sends a signal and waits for the end; the exit code, or the signal's name. */
  end(signal: NodeJS.Signals): Promise<number | string | null>;
}

export type ServiceName =
  | "webhook-gateway"
  | "poller"
  | "orchestrator"
  | "agent-runner"
  | "api";

/** A start takes seconds. */
const ASK_EVERY_MS = 100;

/** Starts what was built of an app, `within` a command if one is given: from its sources a start takes twice as long. */
export function startBuilt(
  app: string,
  program: string,
  env: Readonly<Record<string, string | undefined>>,
  within: readonly string[] = [],
): ChildProcess {
  const file = new URL(`../../../${app}/dist/${program}`, import.meta.url);
  const [command = process.execPath, ...argv] = [
    ...within,
    process.execPath,
    fileURLToPath(file),
  ];
  return spawn(command, argv, {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Starts a service by its own entry point, and waits until it says that it is ready. */
export async function startService(
  name: ServiceName,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Service> {
  const port = String(await freePort());
  const url = `http://127.0.0.1:${port}`;
  const child = startBuilt(name, "main.js", {
    ...environment,
    PORT: port,
    WEBHOOK_PORT: port,
  });
  const output = collect(child);
  const isReady = async () => {
    if (child.exitCode !== null)
      throw new Error(`${name} ended: ${output()}`);
    const answer = await fetch(`${url}/health/ready`).catch(() => null);
    return answer?.ok === true || sleep(ASK_EVERY_MS, false);
  };
  await until(isReady, `${name} is ready`, 60_000).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw new Error(`${name} did not start: ${output()}`, { cause: error });
  });
  return {
    process: child,
    url,
    output,
    end: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill(signal);
        await ended;
      }
      return child.exitCode ?? child.signalCode;
    },
  };
}

/** Brings the schema up to date, as a deployment's own step does. */
export async function migrateBy(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const child = startBuilt("all-in-one", "migrate.js", environment);
  const output = collect(child);
  const [code] = (await once(child, "exit")) as [number | null]; // As Node documents it.
  if (code !== 0) throw new Error(`the migration failed: ${output()}`);
}

function collect(child: ChildProcess): () => string {
  let text = "";
  const add = (chunk: Buffer) => {
    text = `${text}${chunk.toString()}`.slice(-20_000);
  };
  child.stdout?.on("data", add);
  child.stderr?.on("data", add);
  return () => text;
}
