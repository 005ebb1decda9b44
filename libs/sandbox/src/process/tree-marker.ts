import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

import { processStartTime } from "./process-table.js";

/** The name of the variable that marks the processes of one tree, so that strays can be told from strangers. */
const TREE_MARKER = "PULLWRIGHT_PROCESS_TREE";

/** A mark for one tree. It names its supervisor, whose death makes every process that bears it a stray. */
export function newTreeMarker(): string {
  return `${process.pid}-${processStartTime(process.pid) ?? 0}-${randomUUID()}`;
}

/** The mark as a variable of the tree's environment. */
export function asVariable(marker: string): Record<string, string> {
  return { [TREE_MARKER]: marker };
}

/** The mark as the name of a variable that nobody has, for a command line whose environment others can read. */
export const asName = (marker: string): string => `${TREE_MARKER}.${marker}`;

/** The mark that a process bears; undefined for one that is gone, and for another user's environment. */
export async function markerOf(pid: number): Promise<string | undefined> {
  return (
    (await textOf(pid, "environ", `${TREE_MARKER}=`)) ??
    (await textOf(pid, "cmdline", `${TREE_MARKER}.`))
  );
}

async function textOf(
  pid: number,
  file: "environ" | "cmdline",
  start: string,
): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/${file}`, "latin1").catch(() => "");
  return text
    .split("\0")
    .find((entry) => entry.startsWith(start))
    ?.slice(start.length);
}

/** Whether the process that supervised a marked tree is gone. */
export function isOrphaned(marker: string): boolean {
  const found = /^(\d+)-(\d+)-/.exec(marker);
  if (found === null || found[2] === "0") return false;
  return processStartTime(Number(found[1])) !== Number(found[2]);
}
