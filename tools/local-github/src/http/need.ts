import type { Need } from "./exchange.js";

const need = (
  permission: Need["permission"],
  access: Need["access"],
  role: Need["role"],
): Need => ({ permission, access, role });

/** The permissions that GitHub documents for its endpoints, and the role that a person needs. */
export const needs = {
  metadata: need("metadata", "read", "read"),
  seeCollaborators: need("metadata", "read", "write"),
  readContents: need("contents", "read", "read"),
  writeContents: need("contents", "write", "write"),
  readIssues: need(["issues", "pull_requests"], "read", "read"),
  openIssues: need("issues", "write", "read"),
  comment: need(["issues", "pull_requests"], "write", "read"),
  triage: need(["issues", "pull_requests"], "write", "triage"),
  readPulls: need("pull_requests", "read", "read"),
  openPulls: need("pull_requests", "write", "read"),
  readStatuses: need("statuses", "read", "read"),
  writeStatuses: need("statuses", "write", "write"),
  readChecks: need("checks", "read", "read"),
  writeChecks: need("checks", "write", "write"),
  readHooks: need("repository_hooks", "read", "admin"),
  writeHooks: need("repository_hooks", "write", "admin"),
} as const satisfies Record<string, Need>;
