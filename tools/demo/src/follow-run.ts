import { setTimeout as sleep } from "node:timers/promises";
import type { RunShape } from "@pullwright/contracts";
import type {
  LogLine,
  PullwrightClient,
} from "./installation/pullwright-client.js";

const ASK_EVERY_MS = 200;
/** What nobody but a person ends, and here there is no other person. */
const hopeless = new Set(["person", "approval", "budget", "quota"]);

export interface Follower {
  run(run: RunShape): void;
  log(line: LogLine): void;
}

/** The run of an issue, once there is one. */
export async function waitForRun(
  client: PullwrightClient,
  repository: string,
  issueNumber: number,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    const { items } = await client.call("listWorkflows", {
      query: { repository, issue_number: issueNumber.toString() },
    });
    const [run] = items;
    if (run !== undefined) return run.adw_id;
    await sleep(ASK_EVERY_MS, undefined, { signal });
  }
}

/** Follows a run until it has ended, or waits for something that will not come. Gives it as it stands then. */
export async function followRun(
  client: PullwrightClient,
  adwId: string,
  follower: Follower,
  signal: AbortSignal,
): Promise<RunShape> {
  const over = new AbortController();
  const reading = readLogs(
    client,
    adwId,
    follower,
    AbortSignal.any([signal, over.signal]),
  );
  try {
    for (;;) {
      const run = await client.call("getWorkflow", {
        params: { adw_id: adwId },
      });
      follower.run(run);
      if (isOver(run)) {
        // The stream ends by itself with the run's last line; a waiting run's does not.
        await Promise.race([reading, sleep(2_000, undefined, { ref: false })]);
        return run;
      }
      await sleep(ASK_EVERY_MS, undefined, { signal });
    }
  } finally {
    over.abort();
    await reading;
  }
}

function isOver({ status, waiting }: RunShape): boolean {
  if (status === "waiting")
    return waiting !== null && hopeless.has(waiting.reason);
  return (
    status === "completed" || status === "failed" || status === "cancelled"
  );
}

async function readLogs(
  client: PullwrightClient,
  adwId: string,
  follower: Follower,
  signal: AbortSignal,
): Promise<void> {
  let after = 0;
  while (!signal.aborted) {
    try {
      for await (const line of client.streamLogs(adwId, after, signal)) {
        after = line.seq;
        follower.log(line);
      }
      return;
    } catch (error) {
      // A broken stream is taken up where it broke; the signal says when it is over.
      const isBroken = error instanceof TypeError || signal.aborted;
      if (!isBroken) throw error;
      await sleep(ASK_EVERY_MS);
    }
  }
}
