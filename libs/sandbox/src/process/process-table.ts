import { closeSync, openSync, readdirSync, readSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

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

const PER_TURN = 250;

/**
 * Every process that we can see; empty where there is no `/proc`. Without Node's promises, whose every step goes through a
 * thread: four times a second for each agent that was a good part of what a runner did. The kernel gives `stat` at once, without
 * waiting for the process that it is about, unlike its environment and command line.
 */
export async function readProcessTable(): Promise<ProcessTable> {
  const table = new Map<number, ProcessEntry>();
  let read = 0;
  for (const pid of pidsNow()) {
    const entry = readProcess(pid);
    if (entry !== undefined) table.set(pid, entry);
    read += 1;
    if (read % PER_TURN === 0) await nextTurn();
  }
  return table;
}

/** One process, as it is now. */
export function readProcess(pid: number): ProcessEntry | undefined {
  try {
    return parseStat(readStat(pid));
  } catch {
    return undefined; // It is gone, or there is no /proc.
  }
}

function pidsNow(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return []; // There is no /proc.
  }
}

/** Longer than any line of `stat`; a read by itself, since nothing else runs meanwhile. */
const page = Buffer.allocUnsafe(4096);

function readStat(pid: number): string {
  const stat = openSync(`/proc/${pid.toString()}/stat`, "r");
  try {
    return page.toString("latin1", 0, readSync(stat, page));
  } finally {
    closeSync(stat);
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
