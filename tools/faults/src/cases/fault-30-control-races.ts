import { strict as assert } from "node:assert";
import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { diligent } from "../rig/director.js";
import type { RunRow } from "../rig/requests.js";
import type { Rig } from "../rig/rig.js";
import { armAlone, stoodStill } from "../rig/strike.js";
import { REPOSITORY } from "../rig/surroundings.js";
import { agentsOf } from "./agents-of.js";
import { cancelInTime } from "./cancel-in-time.js";
import { pause } from "./crowd.js";

const command = (rig: Rig, adwId: string, name: "cancel" | "retry") =>
  rig.api(`/api/workflows/${adwId}/${name}`, { method: "POST", body: {} });

/** A cancel comes between the commit and the push of a phase. */
export const cancelDuringPush: FaultCase = {
  number: 30,
  name: "a run is cancelled while its commit is pushed",
  backends: bothBackends,
  async run(rig, random) {
    rig.director.follow(diligent);
    const { victim, siblings } = await armAlone(
      rig.fleet,
      "agent-runner",
      "stop:runner.prepared-not-pushed",
    );
    const issue = rig.ask();
    await stoodStill(victim);
    await pause(random.between(0, 1_000));
    const adwId = (await rig.runOf(issue))?.adwId ?? "";
    assert.equal((await command(rig, adwId, "cancel")).status, 200);
    victim.resume();
    const [run] = await rig.wait([issue]);
    assert.equal(run?.status, "cancelled");
    await isRecordedAsPushed(rig, run);
    await victim.restart();
    await Promise.all(siblings.map((sibling) => sibling.start()));
    return [{ timeline: /^cancel_requested / }];
  },
};

/** Commands that cross each other: one of each pair wins, and the other is told. */
export const crossedCommands: FaultCase = {
  number: 30,
  name: "cancel and retry at once, and a retry clicked twice",
  backends: bothBackends,
  async run(rig, random) {
    rig.director.follow(diligent);
    const issue = rig.ask();
    const [ended] = await rig.wait([issue]);
    assert.equal(ended?.status, "completed");
    const { adwId } = ended;

    const clicks = await Promise.all([
      command(rig, adwId, "retry"),
      command(rig, adwId, "retry"),
    ]);
    const statuses = clicks.map(({ status }) => status).sort();
    assert.deepEqual(statuses.slice(1), [409], JSON.stringify(clicks));
    assert(statuses[0] !== undefined && statuses[0] < 300);
    await rig.wait([issue]);
    assert.equal(await executionsOf(rig, adwId), 2);

    const later = async (name: "cancel" | "retry") => {
      await pause(random.between(0, 50));
      return command(rig, adwId, name);
    };
    const [cancel, retry] = await Promise.all([
      later("cancel"),
      later("retry"),
    ]);
    assert.equal(cancel.status, 200);
    assert(retry.status < 300, JSON.stringify(retry));
    const [last] = await rig.wait([issue]);
    // The cancel came first and met an ended run, or it ended the new execution.
    assert(["completed", "cancelled"].includes(last?.status ?? ""));
    assert.equal(await executionsOf(rig, adwId), 3);
    return [{ timeline: /^retry_requested / }];
  },
};

/** The live way to the runner is gone; the heartbeat brings the cancel all the same. */
export const cancelWithoutRedis: FaultCase = {
  number: 30,
  name: "a run is cancelled while Redis is down",
  backends: ["redis"],
  async run(rig, random) {
    rig.director.follow(() => ["hang"]);
    const issue = rig.ask();
    await until(
      () => rig.director.turns.some(({ issueNumber }) => issueNumber === issue),
      "the agent begins",
      60_000,
    );
    const adwId = (await rig.runOf(issue))?.adwId ?? "";
    await pause(random.between(0, 1_000));
    await rig.redis.kill();
    try {
      await cancelInTime(rig, adwId);
      const [run] = await rig.wait([issue], undefined, 30_000);
      assert.equal(run?.status, "cancelled");
      assert.deepEqual(await agentsOf([adwId]), []);
    } finally {
      await rig.redis.restart();
    }
    return [{ timeline: /^cancel_requested / }];
  },
};

/** The branch holds what the phase has recorded, or neither has anything; nobody has published it. */
async function isRecordedAsPushed(rig: Rig, run: RunRow): Promise<void> {
  const [phase] = await rig.postgres.query<{ sha: string | null }>(
    "SELECT commit_sha AS sha FROM phase_runs WHERE workflow_run_id = $1 AND phase = 'build'",
    [run.id],
  );
  const tip = (await rig.github.branches(REPOSITORY)).get(run.branchName);
  assert.equal(tip ?? null, phase?.sha, "what the branch and the phase hold");
  const pulls = rig.github
    .listPulls(REPOSITORY)
    .filter(({ head }) => head.ref === run.branchName);
  assert.deepEqual(pulls, [], "a cancelled run is not published");
}

async function executionsOf(rig: Rig, adwId: string): Promise<number> {
  const [row] = await rig.postgres.query<{ count: string }>(
    `SELECT count(*) FROM executions e JOIN workflow_runs r ON r.id = e.workflow_run_id WHERE r.adw_id = $1`,
    [adwId],
  );
  return Number(row?.count);
}
