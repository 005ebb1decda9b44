export type { Checkout } from "./checkout/checkout.js";
export type { RepositoryCommand } from "./commands/repository-command.js";
export type {
  Commit,
  CommitAnswer,
  CommitRequest,
  Person,
} from "./commit/commit-request.js";
export { type CommitTrailers, trailersOf } from "./commit/trailers.js";
export type { Change, ChangeStatus } from "./git/changes.js";
export type { GitCredentials } from "./git/credentials.js";
export { GitError, type GitErrorCode } from "./git/git-error.js";
export { isBranchName } from "./git/names.js";
export {
  guardChanges,
  pathsForReview,
  type ProposedChange,
} from "./guard/guard-changes.js";
export {
  defaultGuardPolicy,
  type GuardPolicy,
  narrowPolicy,
} from "./guard/guard-policy.js";
export { findSecrets } from "./guard/secret-scan.js";
export type { GuardRule, Violation } from "./guard/violation.js";
export type { MirrorQuery, RepositoryRef } from "./mirror/mirror.js";
export type { PushAnswer, PushRequest } from "./publish/push.js";
export type { DiffText } from "./read/compare.js";
export type { MergeAnswer, RebaseAnswer } from "./rebase/rebase.js";
export { createWorkspaces, Workspaces } from "./workspaces.js";
export type {
  PrepareRequest,
  WorkspacesOptions,
} from "./workspaces-options.js";
