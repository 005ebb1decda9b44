export { dispatchRules } from "./dispatch-rules.js";
export { migrateDatabase, prepareDatabase } from "./embedded.js";
export { openGitHub } from "./open-github.js";
export {
  begin,
  openRuntime,
  SchemaTooOld,
  type Beginning,
  type Runtime,
} from "./runtime.js";
export { serveHealth } from "./serve-health.js";
export { orTellWhy, runService } from "./run-service.js";
