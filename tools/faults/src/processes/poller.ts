import { servePoller, timingFor } from "@pullwright/poller";
import { runService } from "@pullwright/runtime";

// The poller with a shorter lease: a dead one keeps the others from polling for seconds.
const LEASE_MS = 5_000;

await runService("poller", ["github"], (runtime) =>
  servePoller(runtime, undefined, {
    ...timingFor(runtime.config.polling.intervalMs),
    leaseMs: LEASE_MS,
  }),
);
