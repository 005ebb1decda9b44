import { strict as assert } from "node:assert";
import { until } from "@pullwright/testing";
import { bothBackends, type FaultCase } from "../fault-case.js";

const writes = [
  { method: "POST", path: /\/pulls$/ },
  { method: "POST", path: /\/issues\/\d+\/comments$/ },
  { method: "PATCH", path: /\/issues\/comments\/\d+$/ },
  { method: "POST", path: /\/issues\/\d+\/labels$/ },
  { method: "POST", path: /\/statuses\/[0-9a-f]+$/ },
] as const;

/** Each kind of write is done, and the connection cut before its answer; the oracle counts what stands on GitHub. */
export const answerLost: FaultCase = {
  number: 18,
  name: "GitHub does what it is asked, and its answer is lost",
  backends: bothBackends,
  async run(rig, random) {
    const from = new Date();
    for (const match of writes)
      rig.github.faults.add({
        kind: "reset_after_handling",
        match,
        times: random.between(1, 2),
      });
    const issue = rig.ask();
    const [run] = await rig.wait([issue]);
    assert.equal(run?.status, "completed");
    const struck = () =>
      rig.github
        .requests()
        .filter(
          ({ at, fault }) => at >= from && fault === "reset_after_handling",
        );
    // The newest of what is shown follows the run's end.
    for (const { method, path } of writes)
      await until(
        () =>
          struck().some((one) => one.method === method && path.test(one.path)),
        `an answer to ${method} ${String(path)} is lost`,
      );
    return [{ service: "orchestrator", log: /an effect was not applied/ }];
  },
};
