export type { ArtifactShape } from "./artifact.js";
export { auditEntry, type AuditEntryShape } from "./audit.js";
export type { Commanded } from "./command.js";
export { deliveryVerdicts, type DeliveryShape } from "./delivery.js";
export * from "./endpoint.js";
export * from "./endpoints.js";
export type * from "./comparison.js";
export type * from "./execution.js";
export { MAX_PAGE_SIZE } from "./fields.js";
export { runEvent, type RunEventShape } from "./history.js";
export type { ApiKeyShape } from "./key.js";
export { logEntry, type LogEntryShape, type LogPage } from "./log.js";
export {
  costGroups,
  type BudgetShape,
  type CostGroup,
  type RunBudgetShape,
} from "./money.js";
export * from "./problem.js";
export type { RepositoryShape } from "./repository.js";
export type { RunList } from "./run-list.js";
export type { RunShape, RunSummaryShape } from "./run.js";
export { streamEnd, streamMessage, type StreamMessage } from "./stream.js";
export type { TriggerBody, Triggered } from "./trigger.js";
export type { Why } from "./why.js";
