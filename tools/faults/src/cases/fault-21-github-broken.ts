import type { Fault } from "@pullwright/local-github";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { gather, pause } from "./crowd.js";

const ways: readonly Fault[] = [
  { kind: "status", status: 500 },
  { kind: "status", status: 502 },
  { kind: "truncate", match: { method: "GET" } },
  { kind: "reset" },
  { kind: "stall", stallMs: 30_000, times: 4 },
];

/** Each way of being broken for 2 to 3 seconds instead of minutes, one after the other. */
export const githubBroken: FaultCase = {
  number: 21,
  name: "GitHub answers with errors, halves, resets and silence",
  backends: bothBackends,
  async run(rig, random) {
    const crowd = await gather(rig, 4);
    crowd.release();
    for (const fault of random.shuffle(ways)) {
      rig.github.faults.add(fault);
      await pause(random.between(2_000, 3_000));
      rig.github.faults.clear();
    }
    await crowd.complete();
    return [
      {
        service: "orchestrator",
        metric: /github_requests_total\{[^}]*outcome="failed"/,
      },
      {
        service: "orchestrator",
        metric: /effects_total\{[^}]*outcome="(?!applied)[^"]*"/,
      },
    ];
  },
};
