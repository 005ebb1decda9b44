import { strict as assert } from "node:assert";
import { readFile } from "node:fs/promises";
import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Rig } from "../rig/rig.js";
import { agentsOf } from "./agents-of.js";
import { cancelInTime } from "./cancel-in-time.js";
import { pause } from "./crowd.js";

interface Misdeed {
  /** What the agent does the first time; the next one is a good one. */
  readonly steps: readonly string[];
  /** The class of the first attempt's failure; null where it is none. */
  readonly failureClass: string | null;
  readonly outcome?: string;
}

const misdeeds: Readonly<Record<string, Misdeed>> = {
  "hangs in silence": { steps: ["silent 600000"], failureClass: "stalled" },
  "prints a gigabyte": { steps: ["spam 1e9"], failureClass: "agent_error" },
  "prints a line of 100 MB": {
    steps: ["line 1e8", "edit"],
    failureClass: null,
  },
  "eats memory": { steps: ["eat 1e9"], failureClass: "agent_error" },
  "leaves a daemon": { steps: ["daemon", "edit"], failureClass: null },
  "ends well and did nothing": {
    steps: [],
    failureClass: null,
    outcome: "no_changes",
  },
};

/** What a runner may hold in memory at its worst, and a run's log in the database. */
const MAX_RUNNER_BYTES = 768 * 1024 ** 2;
const MAX_LOG_BYTES = 64 * 1024 ** 2;

/** All at once, so that they disturb each other as much as they can. */
export const agentMisbehaves: FaultCase = {
  number: 28,
  name: "agents hang, flood, linger and do nothing",
  backends: bothBackends,
  rig: {
    env: {
      SILENCE_TIMEOUT_MINUTES: "1",
      MAX_AGENT_MEMORY_MB: "512",
      HEARTBEAT_TIMEOUT_SECONDS: "60", // No lease is to be lost amid the floods: the good turn would come before the bad one has failed.
    },
  },
  async run(rig, random) {
    const doneBy = new Map<number, Misdeed>();
    rig.director.follow(({ issueNumber, turn }) => {
      const misdeed = doneBy.get(issueNumber);
      return misdeed !== undefined && turn === 1 ? misdeed.steps : ["edit"];
    });
    for (const misdeed of random.shuffle(Object.values(misdeeds)))
      doneBy.set(rig.ask(), misdeed);
    const runs = await rig.wait([...doneBy.keys()]);
    for (const run of runs) {
      const misdeed = doneBy.get(run.issueNumber ?? 0);
      assert(misdeed !== undefined);
      const { steps, failureClass, outcome = "pull_request" } = misdeed;
      const about = steps.join(", ");
      assert.equal(run.status, "completed", about);
      assert.equal(run.outcome, outcome, about);
      assert.equal(await firstFailureOf(rig, run.id), failureClass, about);
      assert.deepEqual(await agentsOf([run.adwId]), [], about);
      const logBytes = await logBytesOf(rig, run.id);
      assert(logBytes < MAX_LOG_BYTES, `${about}: ${logBytes} bytes of log`);
    }
    for (const { name, pid } of rig.fleet.of("agent-runner")) {
      const bytes = await peakBytesOf(pid);
      assert(bytes < MAX_RUNNER_BYTES, `${name} held ${bytes} bytes`);
    }
    return [{ timeline: /"failure_class": ?"stalled"/ }];
  },
};

/** An agent that does not hear SIGTERM is gone all the same when its run is cancelled. */
export const agentIsDeaf: FaultCase = {
  number: 28,
  name: "an agent and its daemon ignore SIGTERM",
  backends: bothBackends,
  async run(rig, random) {
    rig.director.follow(() => ["deaf", "hang"]);
    const issue = rig.ask();
    await until(
      () => rig.director.turns.some(({ issueNumber }) => issueNumber === issue),
      "the agent begins",
      60_000,
    );
    const adwId = (await rig.runOf(issue))?.adwId ?? "";
    await pause(random.between(0, 1_000));
    await cancelInTime(rig, adwId);
    const [run] = await rig.wait([issue]);
    assert.equal(run?.status, "cancelled");
    assert.deepEqual(await agentsOf([adwId]), [], "its tree is gone by then");
    return [{ timeline: /^cancel_requested / }];
  },
};

async function firstFailureOf(rig: Rig, runId: string): Promise<string | null> {
  const [failed] = await rig.postgres.query<{ class: string }>(
    `SELECT payload->>'failure_class' AS class FROM run_events
      WHERE workflow_run_id = $1 AND payload->>'failure_class' IS NOT NULL ORDER BY seq LIMIT 1`,
    [runId],
  );
  return failed?.class ?? null;
}

async function logBytesOf(rig: Rig, runId: string): Promise<number> {
  const [row] = await rig.postgres.query<{ bytes: string }>(
    `SELECT coalesce(sum(length(message)), 0) AS bytes FROM workflow_logs WHERE workflow_run_id = $1`,
    [runId],
  );
  return Number(row?.bytes);
}

/** The most memory that a process had at once. */
async function peakBytesOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, "utf8");
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) * 1024;
}
