export {
  startLocalGitHub,
  type LocalGitHub,
  type LocalGitHubOptions,
} from "./local-github.js";
export type { Fault, FaultKind } from "./http/faults.js";
export type { JournalEntry } from "./http/journal.js";
export type { DeliveryRule } from "./webhooks/delivery-rules.js";
export type { FilesToCommit, FileToCommit } from "./git/git-repository.js";
export type { Permissions, Role } from "./state/model.js";
export {
  checkRequests,
  checkWebhook,
  type Violation,
} from "./conformance/conformance.js";
export { startCheckedGitHub } from "./conformance/checked-github.js";
