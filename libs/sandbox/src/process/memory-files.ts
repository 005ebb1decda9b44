import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";

import type { ProcessEntry } from "./process-table.js";

const NAME = "/memfd:";
const BLOCK_BYTES = 512;
/** Of open files; measured 4 µs each, 5 ms for 50 processes with 24 each. A tree with more is gone through in several looks. */
const PER_LOOK = 10_000;
const PER_TURN = 500;

/**
 * The files in memory without a name (`memfd_create`) that a tree holds open. What was written to one is in no process's
 * figures unless it is mapped as well, and in no folder.
 */
export class MemoryFiles {
  readonly #perLook: number;
  /** Processes that this round has not come to. */
  #waiting: number[] = [];
  #found = new Map<string, number>();
  #foundBefore = new Map<string, number>();

  constructor(perLook = PER_LOOK) {
    this.#perLook = perLook;
  }

  /** What they hold, each file once however often it is open. */
  async bytesOpenIn(entries: readonly ProcessEntry[]): Promise<number> {
    const living = new Set(entries.map((entry) => entry.pid));
    if (this.#waiting.length === 0) this.#beginRound(living);
    let looked = 0;
    while (looked < this.#perLook) {
      const pid = this.#waiting.pop();
      if (pid === undefined) break;
      if (living.has(pid)) looked += await this.#lookInto(pid);
    }
    if (this.#waiting.length === 0) this.#foundBefore.clear();
    const known = new Map([...this.#foundBefore, ...this.#found]);
    return [...known.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  #beginRound(living: ReadonlySet<number>): void {
    this.#waiting = [...living];
    this.#foundBefore = this.#found;
    this.#found = new Map();
  }

  async #lookInto(pid: number): Promise<number> {
    const folder = `/proc/${pid.toString()}/fd`;
    const names = openFiles(folder);
    for (const [index, name] of names.entries()) {
      if (index % PER_TURN === PER_TURN - 1) await nextTurn();
      this.#lookAt(`${folder}/${name}`);
    }
    return names.length;
  }

  #lookAt(path: string): void {
    try {
      if (!readlinkSync(path).startsWith(NAME)) return;
      const { dev, ino, blocks } = statSync(path);
      this.#found.set(
        `${dev.toString()} ${ino.toString()}`,
        blocks * BLOCK_BYTES,
      );
    } catch {
      // It was closed in this very moment.
    }
  }
}

function openFiles(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // The process is gone, or the kernel refuses us the look.
  }
}

/** All that this machine holds in files in memory, with or without a name; no tree's can be more. */
export function machineFilesBytes(): number {
  try {
    const table = readFileSync("/proc/meminfo", "latin1");
    const bytes = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(table)?.[1] ?? 0) *
      1024;
    // What was swapped out is counted no more, but may be of such files.
    return bytes("Shmem") + bytes("SwapTotal") - bytes("SwapFree");
  } catch {
    return Infinity; // There is no /proc, or none of ours.
  }
}
