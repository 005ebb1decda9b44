export type { Token, TokenPurpose } from "./auth/token.js";
export type { GitCredentials, TokenBroker } from "./auth/token-broker.js";
export * from "./error/github-error.js";
export { WriteWithheld } from "./error/write-withheld.js";
export * from "./github.js";
export type {
  RequestListener,
  RequestOutcome,
} from "./quota/quota-governor.js";
export type * from "./quota/quota-ledger.js";
export { requestClasses, type RequestClass } from "./quota/request-class.js";
export * from "./repository-name.js";
export { accountBody, type Account } from "./resources/account.js";
export type { CheckRun, CommitStatus } from "./resources/checks.js";
export type { Comment } from "./resources/comment.js";
export type {
  CommentFeedQuestion,
  EventFeedQuestion,
  FeedReading,
} from "./resources/feeds.js";
export type {
  HookLog,
  HookLogPage,
  LoggedDelivery,
} from "./resources/hook-log.js";
export type { Hook, HookAnswer } from "./resources/hooks.js";
export type { Identity } from "./resources/identity.js";
export type { IssueEvent } from "./resources/issue-event.js";
export type { Issue } from "./resources/issues.js";
export type { StatusLabel } from "./resources/labels.js";
export {
  isAtLeast,
  permissionLevels,
  type Permission,
} from "./resources/permissions.js";
export type { Pull } from "./resources/pull.js";
export type { NewPull, PullChange, PullCreation } from "./resources/pulls.js";
export {
  cloneUrlOf,
  type ChangedFile,
  type Comparison,
  type Repository,
} from "./resources/repositories.js";
export type { RightReading, WriteRight } from "./resources/write-right.js";
export type { WriteRights } from "./resources/write-rights.js";
export type { Lack } from "./transport/door.js";
export type { QuotaReading } from "./transport/rate-gate.js";
export * from "./webhook/index.js";
