import { spawn, type SpawnOptions } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { readPostmasterFile } from "../postmaster-file.js";

const script = fileURLToPath(new URL("./hold-postgres.ts", import.meta.url));
const register = new URL("../../../../../jest/register-typescript.mjs", import.meta.url).href;

/** Another process that started the embedded Postgres of a folder. */
export type PostgresHolder = Awaited<ReturnType<typeof startHolder>>;

interface Greeting {
  readonly url: string;
  readonly folder: string;
  readonly log: string[];
  readonly uid: number;
}

/** Starts such a process; rejects with what it said when it could not. */
export async function startHolder(dataDir: string, options: Pick<SpawnOptions, "cwd" | "uid" | "gid">) {
  const argv = ["--import", register, script, dataDir];
  const holder = spawn(process.execPath, argv, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  const ended = new Promise<void>((resolve) => holder.once("exit", () => resolve()));
  let complaint = "";
  holder.stderr.on("data", (chunk: Buffer) => (complaint += chunk.toString()));
  const first = new Promise<string>((resolve) => createInterface(holder.stdout).once("line", resolve));
  const line = await Promise.race([first, ended.then(() => undefined)]);
  if (line === undefined) throw new Error(complaint);
  const greeting = JSON.parse(line) as Greeting; // Written by hold-postgres.ts.
  const pid = (await readPostmasterFile(join(greeting.folder, "data")))?.pid ?? 0;
  return {
    ...greeting,
    pid,
    /** Of the holder itself. */
    holderPid: holder.pid ?? 0,
    /** Lets it stop Postgres, as at a graceful end. */
    stop: async () => {
      holder.stdin.write("stop\n");
      await ended;
    },
    /** Ends it alone, as a crash does; Postgres stays. */
    kill: async () => {
      holder.kill("SIGKILL");
      await ended;
    },
    /** Ends it and Postgres. */
    destroy: async () => {
      holder.kill("SIGKILL");
      if (isRunning(pid)) process.kill(pid, "SIGQUIT");
      while (isRunning(pid)) await sleep(10);
    },
  };
}

/** Whether the process runs; one that ended and that nobody collected does not. */
export function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid.toString()}/cmdline`, "utf8") !== "";
  } catch {
    return false;
  }
}
