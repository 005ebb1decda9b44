import { strict as assert } from "node:assert";
import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { diligent } from "../rig/director.js";
import { REPOSITORY } from "../rig/surroundings.js";
import { pause } from "./crowd.js";
import { runnerOf } from "./runner-of.js";

/** An agent that takes its runner with it each time, beside a run that is as others are. The pauses between its attempts are cut short. */
export const poisonPill: FaultCase = {
  number: 16,
  name: "an agent kills its runner each time",
  backends: bothBackends,
  async run(rig, random) {
    const poisoned = new Set<number>();
    rig.director.follow(async (turn) => {
      if (!poisoned.has(turn.issueNumber)) return diligent(turn);
      await pause(random.between(0, 500));
      await (await runnerOf(rig, turn.adwId))?.restart();
      return ["sleep 60000"];
    });
    const poison = rig.ask();
    poisoned.add(poison);
    const other = rig.ask();
    const [harmless] = await rig.wait([other]);
    assert.equal(harmless?.status, "completed");
    await until(
      async () => {
        const run = await rig.runOf(poison);
        if (run?.status === "waiting" || run?.status === "failed") return true;
        await rig.postgres.query(
          "UPDATE phase_runs SET available_at = now() WHERE workflow_run_id = $1 AND status = 'queued' AND available_at > now()",
          [run?.id],
        );
        return pause(200);
      },
      "the run is given to a person",
      220_000,
    );
    const run = await rig.runOf(poison);
    assert.equal(run?.status, "waiting");
    assert.equal(run.waitingReason, "person");
    await until(
      () =>
        rig.github
          .listComments(REPOSITORY, poison)
          .some(({ body }) => /waits|waiting/i.test(body)),
      "the comment asks for a person",
      60_000,
    );
    const cancel = `/api/workflows/${run.adwId}/cancel`;
    await rig.api(cancel, { method: "POST", body: {} });
    await rig.wait([poison]);
    return [{ timeline: /^attempt_lost / }];
  },
};
