import { defaultTiming, serveOrchestrator } from "@pullwright/orchestrator";
import { runService } from "@pullwright/runtime";

// The orchestrator with shorter holds: what a dead process held is free after seconds, not after two minutes. A write
// whose answer is missing still stays uncertain for longer than the GitHub client waits (10 s).
const timing = {
  ...defaultTiming,
  deliveryHoldMs: 5_000,
  effectLeaseMs: 14_000,
  uncertaintyMs: 14_000,
  retry: { baseMs: 500, maxMs: 5_000 },
  reconciler: {
    ...defaultTiming.reconciler,
    leaseMs: 4_000,
    stepTimeoutMs: 8_000,
    comparisonEveryMs: 10_000,
  },
};

await runService("orchestrator", ["github"], (runtime) =>
  serveOrchestrator(runtime, undefined, timing),
);
