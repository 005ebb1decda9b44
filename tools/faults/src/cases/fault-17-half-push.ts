import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { diligent } from "../rig/director.js";
import { armAlone, struck } from "../rig/strike.js";
import { REPOSITORY } from "../rig/surroundings.js";

/** GitHub has the commit, and the runner that pushed it is gone before it could say so. */
export const halfPush: FaultCase = {
  number: 17,
  name: "a runner dies between its push and its result",
  backends: bothBackends,
  async run(rig) {
    rig.director.follow(diligent);
    const { victim, siblings } = await armAlone(
      rig.fleet,
      "agent-runner",
      "runner.pushed-not-recorded",
    );
    const issue = rig.ask();
    await struck(victim);
    await Promise.all([victim, ...siblings].map((runner) => runner.start()));
    const [run] = await rig.wait([issue]);
    assert.equal(run?.status, "completed");
    const turns = rig.director.turns.filter(
      ({ issueNumber }) => issueNumber === issue,
    );
    assert.equal(turns.length, 1, "what was pushed is adopted, not made again");
    const commits = await rig.github.log(REPOSITORY, run.branchName, "main");
    assert.equal(commits.length, 1);
    return [{ timeline: /^attempt_lost / }];
  },
};
