import { strict as assert } from "node:assert";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { PERSON, REPOSITORY } from "../rig/surroundings.js";
import type { Rig } from "../rig/rig.js";
import { pause } from "./crowd.js";

/** A person's commit comes onto the run's branch while the agent works: it stays, and the run says why it goes no further. */
export const pushConflict: FaultCase = {
  number: 19,
  name: "somebody commits to the run's branch before the push",
  backends: bothBackends,
  async run(rig, random) {
    let theirs = "";
    rig.director.follow(async ({ phase, adwId, turn }) => {
      if (phase !== "build") return [];
      await pause(random.between(0, 1_500));
      if (turn === 1) theirs = await commitTo(rig, await branchOf(rig, adwId));
      return ["edit"];
    });
    const issue = rig.ask("adw_plan_build");
    const [run] = await rig.wait([issue], ["completed", "failed", "waiting"]);
    assert(run !== undefined);
    const commits = await rig.github.log(REPOSITORY, run.branchName);
    assert.equal(commits[0]?.sha, theirs, "the person's commit is on top");
    assert.equal(run.status, "failed");
    assert.equal(run.errorClass, "conflict");
    return [{ timeline: /"failure_class": ?"conflict"/ }];
  },
};

/** The base is rewritten while the agent works: the run goes on from where it began. */
export const baseForceMoved: FaultCase = {
  number: 19,
  name: "somebody force-pushes the base while the agent works",
  backends: bothBackends,
  async run(rig, random) {
    let base = "";
    rig.director.follow(async ({ phase, turn }) => {
      if (phase !== "build") return [];
      await pause(random.between(0, 1_500));
      if (turn === 1) base = await rewriteBase(rig);
      return ["edit"];
    });
    const issue = rig.ask();
    const [run] = await rig.wait([issue], ["completed", "failed", "waiting"]);
    assert.equal(run?.status, "completed");
    const branches = await rig.github.branches(REPOSITORY);
    assert.equal(branches.get("main"), base, "nobody pushes to the base");
    return [{ timeline: /^published / }];
  },
};

async function branchOf(rig: Rig, adwId: string): Promise<string> {
  const run = (await rig.runs()).find((one) => one.adwId === adwId);
  assert(run !== undefined);
  return run.branchName;
}

const commitTo = (rig: Rig, branch: string): Promise<string> =>
  rig.github.commitFiles(
    REPOSITORY,
    branch,
    { "by-hand.txt": "A person was here.\n" },
    { message: "By hand", author: PERSON },
  );

/** One commit more, then another in its place. */
async function rewriteBase({ github }: Rig): Promise<string> {
  const commit = (text: string, force: boolean) =>
    github.commitFiles(
      REPOSITORY,
      "main",
      { "NEWS.md": text },
      { message: "News", author: PERSON, force },
    );
  await commit("Soon gone.\n", false);
  return commit("Here to stay.\n", true);
}
