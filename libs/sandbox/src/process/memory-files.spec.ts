import { afterEach, describe, expect, test } from "@jest/globals";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { canTest } from "../__fixtures__/can-test.js";
import { findExecutable } from "../bubblewrap/find-executable.js";
import { MemoryFiles } from "./memory-files.js";
import { type ProcessEntry, readProcessTable } from "./process-table.js";

const BYTES = 5_000_000;
const IN_PAGES = Math.ceil(BYTES / 4096) * 4096;
const script = fileURLToPath(
  new URL("../__fixtures__/fills-memfd.pl", import.meta.url),
);
const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) process.kill(-Number(child.pid), 9);
});

/** Starts the fixture and waits until its file is full. */
async function fill(...more: string[]): Promise<number> {
  const child = spawn("perl", [script, String(BYTES), "60", ...more], {
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  started.push(child);
  await once(child.stdout, "data");
  return Number(child.pid);
}

/** The processes of these groups. */
async function entriesOf(...groups: number[]): Promise<ProcessEntry[]> {
  const table = await readProcessTable();
  return [...table.values()].filter(({ group }) => groups.includes(group));
}

test("a process with an open file of another kind holds nothing", async () => {
  const file = await open(script);
  const child = spawn("sleep", ["60"], {
    detached: true,
    stdio: [file.fd, "ignore", "ignore"],
  });
  started.push(child);
  await once(child, "spawn");
  await file.close();
  const entries = await entriesOf(Number(child.pid));
  expect(entries).toHaveLength(1);
  expect(await new MemoryFiles().bytesOpenIn(entries)).toBe(0);
});

const fills = canTest(
  "what files in memory take",
  (await findExecutable("perl", process.env["PATH"] ?? "")) !== undefined,
  "perl is not installed",
);
if (fills)
  describe("of the files in memory without a name", () => {
    test("a file that two processes hold counts once, and those of others do not", async () => {
      const forked = await entriesOf(await fill("and-fork"));
      await fill();
      expect(forked).toHaveLength(2);
      expect(await new MemoryFiles().bytesOpenIn(forked)).toBe(IN_PAGES);
    });

    test("a tree with more open files than one look takes is gone through in several", async () => {
      const pids = [await fill(), await fill(), await fill()];
      const files = new MemoryFiles(1);
      const entries = await entriesOf(...pids);
      const sums: number[] = [];
      for (let look = 0; look < 5; look += 1)
        sums.push(await files.bytesOpenIn(entries));
      // What one look found is known until a whole round has not found it again.
      expect(sums).toEqual([1, 2, 3, 3, 3].map((count) => count * IN_PAGES));
      const left = entries.slice(1);
      for (let look = 0; look < 5; look += 1) await files.bytesOpenIn(left);
      expect(await files.bytesOpenIn(left)).toBe(2 * IN_PAGES);
    });

    test("a process that is gone holds nothing", async () => {
      const files = new MemoryFiles();
      const entries = await entriesOf(await fill());
      expect(await files.bytesOpenIn(entries)).toBe(IN_PAGES);
      const [child] = started.splice(0);
      child?.kill("SIGKILL");
      if (child) await once(child, "exit");
      expect(await files.bytesOpenIn(entries)).toBe(0);
    });
  });
