import { servePoller, timingFor } from "@pullwright/poller";
import { runService } from "@pullwright/runtime";
import { POLLER_LEASE_MS } from "../rig/leases.js";

// The poller with a shorter lease.

await runService("poller", ["github"], (runtime) =>
  servePoller(runtime, undefined, {
    ...timingFor(runtime.config.polling.intervalMs),
    leaseMs: POLLER_LEASE_MS,
  }),
);
