import { setTimeout as sleep } from "node:timers/promises";

import {
  type ProcessEntry,
  type ProcessTable,
  readProcess,
  readProcessTable,
} from "./process-table.js";
import type { TreeReport } from "./process-result.js";
import { markerOf } from "./tree-marker.js";

/** Also for a process that waits for a slow disk, which no signal ends. A lease that runs out leaves as much time. */
const SWEEP_MS = 10_000;

export interface TreeOptions {
  /**
   * How many generations at the top only wrap the command (bubblewrap: 2). They get no SIGTERM, because their death
   * would kill the command before it could end in good order.
   */
  readonly wrappers: number;
  /** A string in the environment of the command, by which strays are known that were never seen with their parent. */
  readonly marker?: string | undefined;
}

interface Member {
  readonly pid: number;
  readonly startTime: number;
  readonly depth: number;
}

/**
 * The processes that a command started, those included that moved to a session of their own. A group signal misses
 * these: claude, gemini and opencode put their shells into own sessions and left up to 3 behind.
 */
export class ProcessTree {
  readonly #root: Member;
  readonly #options: TreeOptions;
  readonly #members = new Map<number, Member>();
  /** Pid and start time of those that we told to end, or killed. */
  readonly #ended = new Set<string>();
  #seen = 1;

  /** To be made right after the start, before the event loop can collect the child. */
  constructor(pid: number, options: TreeOptions) {
    this.#root = { pid, startTime: readProcess(pid)?.startTime ?? 0, depth: 0 };
    this.#options = options;
    this.#members.set(pid, this.#root);
  }

  get seen(): number {
    return this.#seen;
  }

  /** Looks for new descendants; returns the members that are alive. */
  async look(): Promise<ProcessEntry[]> {
    return this.#lookIn(await readProcessTable());
  }

  /**
   * The wrapper next to the command, once it has started that: from then on it sees what the command sees, and no command can
   * give it another view.
   */
  innermostWrapper(living: readonly ProcessEntry[]): ProcessEntry | undefined {
    const { wrappers } = this.#options;
    const hasStarted = living.some((entry) => this.#depthOf(entry) >= wrappers);
    return hasStarted
      ? living.find((entry) => this.#depthOf(entry) === wrappers - 1)
      : undefined;
  }

  #lookIn(table: ProcessTable): ProcessEntry[] {
    this.#adoptDescendants(table);
    return [...this.#members.values()].flatMap((member) => {
      const entry = alive(table, member);
      return entry ? [entry] : [];
    });
  }

  /** Asks every process once to end: a second SIGTERM means "at once" to many programs. */
  async askToEnd(): Promise<void> {
    const living = await this.look();
    this.#markEnded(living);
    const wrapped = living.filter(
      (entry) => this.#depthOf(entry) >= this.#options.wrappers,
    );
    if (this.#options.wrappers > 0 && wrapped.length > 0) {
      for (const entry of wrapped) this.#signal(entry, "SIGTERM");
      return;
    }
    signalGroup(this.#root.pid, "SIGTERM");
    for (const entry of living)
      if (entry.group !== this.#root.pid) this.#signal(entry, "SIGTERM");
  }

  /** Kills whatever is left and waits until it is gone. Returns the proof. */
  async sweep(): Promise<TreeReport> {
    // Without /proc (macOS) the group is all that we know, and there is no proof.
    if (this.#root.startTime === 0) signalGroup(this.#root.pid, "SIGKILL");
    const deadline = performance.now() + SWEEP_MS;
    let living = await this.#lookForStrays();
    while (living.length > 0 && performance.now() < deadline) {
      this.#markEnded(living);
      for (const entry of living) this.#kill(entry);
      await sleep(this.#ended.size > 100 ? 50 : 5);
      // Again from the start: a process may have forked between our look and our kill.
      living = await this.#lookForStrays();
    }
    return {
      seen: this.#seen,
      ended: this.#ended.size,
      survivors: living.map((entry) => entry.pid),
    };
  }

  #markEnded(living: readonly ProcessEntry[]): void {
    for (const { pid, startTime } of living)
      this.#ended.add(`${pid.toString()} ${startTime.toString()}`);
  }

  #adoptDescendants(table: ProcessTable): void {
    this.#forgetTheDead(table);
    const sessions = this.#sessions(table);
    let grew = true;
    while (grew) {
      grew = false;
      for (const entry of table.values()) {
        if (this.#members.has(entry.pid) || entry.gone) continue;
        const parent = this.#members.get(entry.parent);
        const depth = parent
          ? parent.depth + 1
          : sessions.has(entry.session)
            ? this.#options.wrappers
            : undefined;
        if (depth === undefined) continue;
        this.#adopt(entry, depth);
        if (entry.session === entry.pid) sessions.add(entry.pid);
        grew = true;
      }
    }
  }

  #adopt(entry: ProcessEntry, depth: number): void {
    this.#members.set(entry.pid, {
      pid: entry.pid,
      startTime: entry.startTime,
      depth,
    });
    this.#seen += 1;
  }

  #forgetTheDead(table: ProcessTable): void {
    for (const member of this.#members.values()) {
      if (member !== this.#root && !alive(table, member))
        this.#members.delete(member.pid);
    }
  }

  /** Sessions that are ours. The root's outlives the root, unless its pid was given to somebody else. */
  #sessions(table: ProcessTable): Set<number> {
    const holder = table.get(this.#root.pid);
    const reused =
      holder !== undefined && holder.startTime !== this.#root.startTime;
    const sessions = new Set(reused ? [] : [this.#root.pid]);
    for (const member of this.#members.values()) {
      const entry = alive(table, member);
      // Only sessions that a member leads: a child that shares our own session must not draw us in.
      if (entry && this.#members.has(entry.session))
        sessions.add(entry.session);
    }
    return sessions;
  }

  /** As `look`, but also finds daemons whose every ancestor was gone before we looked. */
  async #lookForStrays(): Promise<ProcessEntry[]> {
    const table = await readProcessTable();
    const living = this.#lookIn(table);
    const { marker } = this.#options;
    if (marker === undefined) return living;
    const strangers = [...table.values()].filter(
      (entry) =>
        !this.#members.has(entry.pid) &&
        !entry.gone &&
        entry.startTime >= this.#root.startTime,
    );
    const marked = await Promise.all(
      strangers.map((entry) => markerOf(entry.pid)),
    );
    const strays = strangers.filter((_, index) => marked[index] === marker);
    for (const stray of strays) this.#adopt(stray, this.#options.wrappers);
    return [...living, ...strays];
  }

  #depthOf(entry: ProcessEntry): number {
    return this.#members.get(entry.pid)?.depth ?? 0;
  }

  /** With its group, which the kernel kills in one go: a fork bomb outruns a loop over single processes. */
  #kill(entry: ProcessEntry): void {
    const now = readProcess(entry.pid);
    if (now?.startTime !== entry.startTime) return;
    signalGroup(now.group, "SIGKILL");
    this.#signal(entry, "SIGKILL");
  }

  #signal(entry: ProcessEntry, signal: NodeJS.Signals): void {
    // Looked at again just before: since the scan the pid may have gone to a process that is not ours.
    if (readProcess(entry.pid)?.startTime !== entry.startTime) return;
    try {
      process.kill(entry.pid, signal);
    } catch {
      // It ended by itself in this very moment.
    }
  }
}

/** Signals a whole process group; one that is gone already is no error. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal);
  } catch {
    // The group has ended.
  }
}

function alive(table: ProcessTable, member: Member): ProcessEntry | undefined {
  const entry = table.get(member.pid);
  return entry && !entry.gone && entry.startTime === member.startTime
    ? entry
    : undefined;
}
