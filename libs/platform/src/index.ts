export { agentNames } from "./config/agent-names.js";
export { loadCliConfig, type CliConfig } from "./config/cli-config.js";
export * from "./config/configuration-error.js";
export {
  isVersionAtLeast,
  NEEDED_GIT,
  NEEDED_NODE,
} from "./config/needed-versions.js";
export { workDirFault } from "./config/work-dir-fault.js";
export {
  loadConfig,
  type Config,
  type ConfigNeed,
  type GitHubCredentials,
} from "./config/load-config.js";
export type { Environment } from "./config/read-settings.js";
export {
  renderConfigurationPage,
  renderEnvExample,
} from "./config/render-settings.js";
export { settings, type SettingName } from "./config/settings.js";
export * from "./error/app-error.js";
export {
  armKillPoint,
  parseStrike,
  reach,
  type Strike,
} from "./faults/kill-point.js";
export { killPoints, type KillPoint } from "./faults/kill-points.js";
export * from "./postgres/embedded-postgres.js";
export * from "./time/sleep.js";
export * from "./health/health-registry.js";
export * from "./logging/logger.js";
export { neutralise, redact } from "./logging/redact.js";
export * from "./metrics/metrics.js";
export * from "./shutdown/shutdown.js";
export * from "./time/backoff.js";
export * from "./time/deadline.js";
export * from "./time/with-timeout.js";
export { KnownKeys } from "./http/known-keys.js";
export { listenOn } from "./http/listen-on.js";
export * from "./http/metrics-access.js";
export * from "./http/service-endpoints.js";
