export { dispatchRules } from "./dispatch-rules.js";
export {
  migrateDatabase,
  prepareDatabase,
  type PreparedDatabase,
} from "./embedded.js";
export { openGitHub } from "./open-github.js";
export { openRuntime, SchemaTooOld, type Runtime } from "./runtime.js";
export { serveHealth } from "./serve-health.js";
export { orTellWhy, runService } from "./run-service.js";
