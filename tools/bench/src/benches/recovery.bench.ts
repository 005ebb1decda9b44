import {
  gather,
  HEARTBEAT_TIMEOUT_SECONDS,
  runnerOf,
  startRig,
  type Rig,
} from "@pullwright/faults";
import { until } from "@pullwright/testing";
import type { Bench, Row } from "../bench.js";

/** What a lost attempt may take beyond the time in which it could still be alive. */
const NOTICED_WITHIN_S = 5;
const REDIS_WITHIN_S = 10;
const GIVE_UP_AFTER_MS = 60_000;
/** Before 30 s, when a ring that nobody answered is made again whether or not anybody saw that Redis was emptied. */
const REDIS_GIVE_UP_AFTER_MS = 20_000;

/** How soon work goes on after a loss: the product as processes, two of each service, on a Redis of its own. */
export const recoveryBench: Bench = {
  name: "recovery",
  needsRedis: true,
  async measure(_stage, { short }): Promise<Row[]> {
    const rig = await startRig({ backend: "redis" });
    const killed: number[] = [];
    const wiped: number[] = [];
    try {
      for (let round = 0; round < (short ? 1 : 5); round += 1) {
        killed.push(await afterKill(rig));
        wiped.push(await afterWipe(rig));
      }
    } finally {
      await rig.close();
    }
    const plain = { against: null, unit: "s", ratio: null };
    return [
      {
        ...plain,
        what: `SIGKILL of a runner to the next attempt's agent, heartbeat timeout ${HEARTBEAT_TIMEOUT_SECONDS} s, slowest`,
        ours: Math.max(...killed),
        target: { valueAtMost: HEARTBEAT_TIMEOUT_SECONDS + NOTICED_WITHIN_S },
      },
      {
        ...plain,
        what: "Redis emptied, with the ring of a phase that idle runners wait for, to its agent, slowest",
        ours: Math.max(...wiped),
        target: { valueAtMost: REDIS_WITHIN_S },
      },
    ];
  },
};

/** The runner dies with its agent at work; the other one takes over once the lease has ended. */
async function afterKill(rig: Rig): Promise<number> {
  const crowd = await gather(rig, 1);
  const [turn] = crowd.turns();
  const runner = await runnerOf(rig, turn?.adwId ?? "");
  if (runner === undefined) throw new Error("Nobody works on the run.");
  const from = performance.now();
  await runner.kill();
  await until(
    () => crowd.turns().length > 1,
    "the next attempt's agent starts",
    GIVE_UP_AFTER_MS,
  );
  const seconds = (performance.now() - from) / 1_000;
  crowd.release();
  await crowd.complete();
  await runner.start();
  return seconds;
}

/**
 * Every runner is idle, and a phase waits whose ring stands in a paused queue. The flush takes the pause and the ring with it:
 * nothing but another ring brings the phase on.
 */
async function afterWipe(rig: Rig): Promise<number> {
  await rig.redisCommand("HSET", "pullwright:phases:meta", "paused", "1");
  const crowd = await gather(rig, 1, { atWork: 0 });
  await until(
    async () =>
      (await rig.redisCommand("LLEN", "pullwright:phases:wait")) === "1",
    "the phase's ring stands in the queue",
    GIVE_UP_AFTER_MS,
  );
  const from = performance.now();
  await rig.redisCommand("FLUSHALL");
  await until(
    () => crowd.turns().length > 0,
    "the phase is rung for again",
    REDIS_GIVE_UP_AFTER_MS,
  );
  const seconds = (performance.now() - from) / 1_000;
  crowd.release();
  await crowd.complete();
  return seconds;
}
