export { PollerModule } from "./poller.module.js";
export { Poller, type PollerRuntime } from "./poller.js";
export { servePoller, startPoller } from "./start-poller.js";
export { timingFor, type PollerTiming } from "./timing.js";
