import type { Door } from "../transport/door.js";
import { isUntold } from "./identity.js";
import type { WriteRight } from "./write-right.js";

/**
 * The scopes of a classic token; undefined for tokens that have none to tell, such as fine-grained ones, and those that
 * may not ask whose they are.
 */
export async function readScopes(
  door: Door,
): Promise<readonly string[] | undefined> {
  const answer = await door.rest.users
    .getAuthenticated()
    .catch((error: unknown) => {
      if (isUntold(error)) return undefined;
      throw error;
    });
  const scopes = (answer?.headers["x-oauth-scopes"] ?? "")
    .split(",")
    .map((scope) => scope.trim())
    .filter((scope) => scope !== "");
  return scopes.length > 0 ? scopes : undefined;
}

/** Whether scopes reach so far; what the token's user may do is another question. */
export function scopesHold(
  scopes: readonly string[],
  right: WriteRight,
  isPrivate: boolean,
): boolean {
  if (right === "checks") return false; // For Apps alone.
  if (scopes.includes("repo")) return true;
  if (right === "statuses" && scopes.includes("repo:status")) return true;
  return !isPrivate && scopes.includes("public_repo");
}
