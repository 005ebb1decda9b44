import type { Need } from "../http/exchange.js";
import type { Repository } from "../state/model.js";

/** What a classic token is made with when nobody says. */
export const USUAL_SCOPES: readonly string[] = ["repo", "workflow"];

const HOOK_SCOPES = ["read:repo_hook", "write:repo_hook", "admin:repo_hook"];

/** Whether a classic token's scopes reach what a route needs; its user's role has to as well. */
export function scopesReach(
  scopes: readonly string[],
  repository: Repository,
  { permission, access, role }: Need,
): boolean {
  if (scopes.includes("repo")) return true;
  if (permission === "repository_hooks") {
    const most = access === "read" ? 0 : 1;
    return HOOK_SCOPES.slice(most).some((scope) => scopes.includes(scope));
  }
  if (permission === "statuses" && scopes.includes("repo:status")) return true;
  if (repository.isPrivate) return false;
  const isOpenToAll = access === "read" && role === "read";
  return isOpenToAll || scopes.includes("public_repo");
}
