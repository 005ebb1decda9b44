export { PollerModule } from "./poller.module.js";
export { Poller, type PollerRuntime } from "./poller.js";
export {
  registerRepositories,
  type RegistrationParts,
} from "./register-repositories.js";
export { servePoller, startPoller } from "./start-poller.js";
export { timingFor, type PollerTiming } from "./timing.js";
