import { strict as assert } from "node:assert";
import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { ServiceProcess } from "../rig/service-process.js";
import type { Rig } from "../rig/rig.js";
import { pause } from "./crowd.js";

/** From the end of the drain's time on. */
const HANDED_OVER_WITHIN_MS = 5_000;
/** A busy machine is late with the end of the agent, which has 2.5 s of that, and with what follows. */
const SLOW_MS = 2_000;

/** One runner has the phase, and is told to end while the agent works. */
async function whileAtWork(
  rig: Rig,
  steps: readonly string[],
  drainSeconds: number,
): Promise<{ issue: number; runner: ServiceProcess; turns: () => number }> {
  const [runner, ...siblings] = rig.fleet.of("agent-runner");
  assert(runner !== undefined);
  await Promise.all(siblings.map((sibling) => sibling.stop()));
  await runner.stop();
  await runner.start({ env: { DRAIN_SECONDS: drainSeconds.toString() } });
  rig.director.follow(({ turn }) => (turn === 1 ? steps : ["edit"]));
  const issue = rig.ask();
  const turns = () =>
    rig.director.turns.filter(({ issueNumber }) => issueNumber === issue)
      .length;
  await until(() => turns() === 1, "the agent begins", 60_000);
  return { issue, runner, turns };
}

async function completes(rig: Rig, issue: number): Promise<void> {
  await Promise.all(
    rig.fleet.of("agent-runner").map((runner) => runner.start()),
  );
  const [run] = await rig.wait([issue]);
  assert.equal(run?.status, "completed");
}

/** When a runner began to end, by its own log, which a busy machine does not delay as it does our look. */
async function toldAt(runner: ServiceProcess): Promise<number> {
  const line = (await runner.log())
    .split("\n")
    .findLast((text) => text.includes('"shutting down"'));
  const { time } = JSON.parse(line ?? "{}") as { time?: string }; // As pino writes it.
  return Date.parse(time ?? "");
}

/** When the phase of a run went back to the queue, by its timeline. */
async function handedOverAt(rig: Rig, issue: number): Promise<number> {
  const [event] = await rig.postgres.query<{ at: Date }>(
    `SELECT e.created_at AS at FROM run_events e JOIN workflow_runs r ON r.id = e.workflow_run_id
      WHERE r.issue_number = $1 AND e.type = 'phase_finished' AND e.payload ->> 'message' LIKE '%goes back to the queue%'`,
    [issue],
  );
  assert(event !== undefined, "the phase was not handed over");
  return event.at.getTime();
}

/** SIGTERM while an agent works that ends in time. */
export const drainsInTime: FaultCase = {
  number: 15,
  name: "a runner is told to end during a phase that ends in time",
  backends: bothBackends,
  async run(rig, random) {
    const ms = random.between(500, 3_000);
    const work = await whileAtWork(rig, [`sleep ${ms}`, "edit"], 60);
    assert.equal(await work.runner.stop(), 0);
    await completes(rig, work.issue);
    assert.equal(work.turns(), 1, "the phase was not begun again");
    return [{ service: work.runner.name, log: /shutting down/ }];
  },
};

/** The same with an agent that goes on for ever, also when it is asked to end. */
export const handsOver: FaultCase = {
  number: 15,
  name: "a runner must end before its phase does",
  backends: bothBackends,
  async run(rig, random) {
    const drainSeconds = random.between(1, 2);
    const work = await whileAtWork(rig, ["deaf", "hang"], drainSeconds);
    await pause(random.between(0, 1_000));
    assert.equal(await work.runner.stop(), 0);
    const deadline = (await toldAt(work.runner)) + drainSeconds * 1_000;
    const tookMs = (await handedOverAt(rig, work.issue)) - deadline;
    assert(
      tookMs <= HANDED_OVER_WITHIN_MS + SLOW_MS,
      `handed over after ${tookMs} ms`,
    );
    await completes(rig, work.issue);
    assert.equal(work.turns(), 2);
    return [{ timeline: /handed|goes back to the queue/ }];
  },
};

/** A second SIGTERM ends it at once; its phase is a lost one. */
export const toldTwice: FaultCase = {
  number: 15,
  name: "a runner is told twice to end",
  backends: bothBackends,
  async run(rig, random) {
    const work = await whileAtWork(rig, ["hang"], 60);
    await pause(random.between(0, 1_000));
    // Two signals that nobody has heard yet are one.
    const said = await work.runner.listen();
    work.runner.signal("SIGTERM");
    await said(/shutting down/);
    await pause(random.between(0, 1_000));
    assert.equal(await work.runner.stop(), 1);
    await completes(rig, work.issue);
    return [{ service: work.runner.name, log: /second signal/ }];
  },
};
