import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Rig, RigOptions } from "../rig/rig.js";
import { pause } from "./crowd.js";

const RUNNER = "agent-runner-1";
/** In the runner's own words or in those of git, which has two. */
const SAYS_FULL = /ENOSPC|DISK_FULL|no space left|out of diskspace/i;

/** The work folder of the only runner on an ext4 of its own, on a loop device. */
function full(
  name: string,
  work: NonNullable<RigOptions["volumes"]>["work"],
): FaultCase {
  return {
    number: 26,
    name,
    backends: bothBackends,
    rig: {
      replicas: { "agent-runner": 1, api: 1, poller: 1, "webhook-gateway": 1 },
      volumes: { ...(work ? { work } : {}) },
    },
    spendsRig: true, // Trees that are laid out by then need no room.
    async run(rig, random) {
      const volume = rig.volume("work");
      const first = rig.ask();
      await rig.wait([first], ["completed"]);
      await volume.fill();
      // One may find a tree that was laid out ahead, and need less than what no volume gives out; the others may not.
      const struck = [rig.ask(), rig.ask(), rig.ask()];
      await rig.wait(struck, ["running", "waiting", "failed", "completed"]);
      await pause(random.between(1_000, 3_000));
      await volume.free();
      // The node goes on: what comes next is done, and what was struck is if its budget of losses was not used up.
      const next = rig.ask();
      const [run] = await rig.wait([next]);
      if (run?.status !== "completed") throw new Error(JSON.stringify(run));
      await rig.wait(struck, ["completed", "waiting", "failed"]);
      const failures = await failuresOf(rig, struck);
      assert(failures.length > 0, "no phase has failed");
      const others = failures.filter(
        (failure) => failure["failure_class"] !== "infrastructure",
      );
      assert.deepEqual(others, []);
      return [{ service: RUNNER, log: SAYS_FULL }];
    },
  };
}

/** What the timelines tell of all attempts that have failed. */
async function failuresOf(
  { postgres }: Rig,
  issues: readonly number[],
): Promise<Record<string, unknown>[]> {
  const events = await postgres.query<{ payload: Record<string, unknown> }>(
    `SELECT e.payload FROM run_events e JOIN workflow_runs r ON r.id = e.workflow_run_id
      WHERE r.issue_number = ANY($1) AND e.payload ? 'failure_class'`,
    [issues],
  );
  return events.map(({ payload }) => payload);
}

export const workspaceFull: readonly FaultCase[] = [
  full("the work folder's disk full", { megabytes: 20 }),
  full("no inodes left in the work folder", { megabytes: 20, inodes: 600 }),
];
