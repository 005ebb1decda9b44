import { readFile, writeFile } from "node:fs/promises";

import { processStartTime } from "@pullwright/sandbox";

/** Who made a checkout, so that only the leftovers of the dead are reaped. */
export interface CheckoutRecord {
  readonly attemptId: string;
  readonly pid: number;
  readonly startTime: number | null;
}

export async function writeRecord(
  path: string,
  attemptId: string,
): Promise<void> {
  const startTime = processStartTime(process.pid) ?? null;
  const record: CheckoutRecord = { attemptId, pid: process.pid, startTime };
  await writeFile(path, JSON.stringify(record));
}

export async function readRecord(
  path: string,
): Promise<CheckoutRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as CheckoutRecord; // Written by us alone.
  } catch {
    return undefined; // Its maker was killed before it had written it.
  }
}

/** Whether another living process works there: two runners may share a root. */
export function isOthersAlive(record: CheckoutRecord): boolean {
  if (record.pid === process.pid || record.startTime === null) return false;
  return processStartTime(record.pid) === record.startTime;
}
