import { readdir, readFile } from "node:fs/promises";
import { readFileSync } from "node:fs";

/** One process as the kernel shows it in `/proc/<pid>/stat`. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot. With the pid it names a process for good: a reused pid has another start time. */
  readonly startTime: number;
  readonly residentPages: number;
  readonly threads: number;
  /** Dead already, only not yet collected by its parent. */
  readonly gone: boolean;
}

export type ProcessTable = ReadonlyMap<number, ProcessEntry>;

/** Every process that we can see; empty where there is no `/proc`. */
export async function readProcessTable(): Promise<ProcessTable> {
  const names = await readdir("/proc").catch(() => []);
  const entries = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map(readEntry),
  );
  return new Map(
    entries
      .filter((entry) => entry !== undefined)
      .map((entry) => [entry.pid, entry]),
  );
}

/** One process, read at once: for the moment before a signal, and for a child that was just started. */
export function readProcess(pid: number): ProcessEntry | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined; // It is gone, or there is no /proc.
  }
}

async function readEntry(pid: string): Promise<ProcessEntry | undefined> {
  try {
    return parseStat(await readFile(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined; // It ended while we looked.
  }
}

/** Parses after the last `)`, because a process may put spaces and brackets into its own name. */
export function parseStat(stat: string): ProcessEntry | undefined {
  const nameEnd = stat.lastIndexOf(")");
  const fields = stat.slice(nameEnd + 2).split(" ");
  const pid = Number.parseInt(stat, 10);
  const state = fields[0];
  if (nameEnd === -1 || Number.isNaN(pid) || state === undefined)
    return undefined;
  const number = (index: number) => Number(fields[index]);
  return {
    pid,
    parent: number(1),
    group: number(2),
    session: number(3),
    startTime: number(19),
    residentPages: number(21),
    threads: number(17),
    gone: state === "Z" || state === "X",
  };
}

/** When a process started, in clock ticks since boot: with its pid it tells a holder from a later process of that pid. */
export function processStartTime(pid: number): number | undefined {
  const entry = readProcess(pid);
  return entry && !entry.gone ? entry.startTime : undefined;
}
