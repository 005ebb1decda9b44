import { defaultTiming, serveOrchestrator } from "@pullwright/orchestrator";
import { openGitHub, runService } from "@pullwright/runtime";
import { RECONCILER_LEASE_MS } from "../rig/leases.js";

// The orchestrator with shorter holds: what a dead process held is free after seconds, not after two minutes. A write
// whose answer is missing still stays uncertain for longer than the GitHub client waits.
const REQUEST_TIMEOUT_MS = 4_000;
/** With the request itself less than an effect's lease: a write must not wait for its turn until another has taken over. */
const WAIT_FOR_TURN_MS = 1_500;
const timing = {
  ...defaultTiming,
  deliveryHoldMs: 4_000,
  effectLeaseMs: 10_000,
  writeMs: REQUEST_TIMEOUT_MS + 1_000,
  uncertaintyMs: 15_000,
  retry: { baseMs: 500, maxMs: 5_000 },
  reconciler: {
    ...defaultTiming.reconciler,
    leaseMs: RECONCILER_LEASE_MS,
    stepTimeoutMs: 8_000,
    comparisonEveryMs: 10_000,
  },
};

await runService("orchestrator", ["github"], (runtime) =>
  serveOrchestrator(
    runtime,
    openGitHub(runtime, {
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      writePace: { maxWaitMs: WAIT_FOR_TURN_MS },
    }),
    timing,
  ),
);
