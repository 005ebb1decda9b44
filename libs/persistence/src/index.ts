export { openDatabase, Database, type Statement } from "./database.js";
export { atTheDoor, DatabaseUnavailable } from "./database-error.js";
export {
  createDataSource,
  QUERY_TIMEOUT_MS,
  type DatabaseOptions,
} from "./data-source.js";
export { migrate, pendingMigrations } from "./migrate.js";
export { createStores, type Stores } from "./stores/stores.js";
export * from "./stores/run-record.js";
export {
  auditActions,
  type AuditAction,
  type AuditNote,
  type DoneBy,
  type Trigger,
} from "./stores/audit-note.js";
export type { RetentionPolicy } from "./stores/retention/outdated.js";
export type { RetentionCounts, Sweep } from "./stores/retention/retention.js";
export type { AuditFilter } from "./stores/audit-page.js";
export type { AuditEntry } from "./stores/audit.js";
export type { IssueSnapshot } from "./stores/issue-snapshot.js";
export type { CreateRun, CreateRunAnswer } from "./stores/run-creation.js";
export type { RunExtras } from "./stores/transition-save.js";
export type {
  Actor,
  Applied,
  TransitionAnswer,
} from "./stores/run-transitions.js";
export type { AttemptRef, Worker } from "./stores/attempt-ref.js";
export type {
  ClaimedPhase,
  Claimer,
  FinishAnswer,
  HeartbeatAnswer,
} from "./stores/attempts.js";
export type { Admission, Standing } from "./stores/dispatch.js";
export type { DispatchRules } from "./stores/dispatch-order.js";
export { toLogBatch, type LogBatch } from "./stores/log-batch.js";
export { logLevels, type LogLevel, type LogLine } from "./stores/log-line.js";
export type { LogEntry, LogFilter } from "./stores/logs.js";
export type {
  Delivery,
  NewDelivery,
  RecordedDelivery,
  Verdict,
} from "./stores/deliveries.js";
export type {
  DeliveryCursor,
  DeliveryRecord,
  ToldKind,
} from "./stores/delivery-queries.js";
export type { GithubQuotaRecord } from "./stores/github-quota.js";
export type { HookLogPosition } from "./stores/hook-logs.js";
export type { Breaker } from "./stores/breakers.js";
export type { RunBudget, StoredBudget } from "./stores/budgets.js";
export type { FeedPosition } from "./stores/feeds.js";
export type { Repository } from "./stores/repositories.js";
export { SchemaTooNew } from "./migrate.js";
export type {
  ClaimedEffect,
  EffectView,
  ReplyContent,
} from "./stores/effects.js";
export type { LostAttempt } from "./stores/reconciliation.js";
export {
  apiScopes,
  generateApiKey,
  hashApiKey,
  type ApiKey,
  type ApiKeyRecord,
  type ApiScope,
} from "./stores/api-keys.js";
export {
  artifactKinds,
  MAX_ARTIFACT_BYTES,
  type Artifact,
  type ArtifactKind,
  type NewArtifact,
} from "./stores/artifacts.js";
export type {
  LlmCall,
  StoredMessage,
  TranscriptMessage,
} from "./stores/transcripts.js";
export type * from "./stores/run-queries.js";
