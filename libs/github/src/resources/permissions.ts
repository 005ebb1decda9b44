import { z } from "zod";
import { isGitHubError } from "../error/github-error.js";
import type { RepositoryName } from "../repository-name.js";
import { at, type Door } from "../transport/door.js";
import { read } from "../transport/read-answer.js";
import type { Account } from "./account.js";

/** What someone may do in a repository, from least to most. */
export const permissionLevels = [
  "none",
  "read",
  "triage",
  "write",
  "maintain",
  "admin",
] as const;

export type Permission = (typeof permissionLevels)[number];

/** Whether `has` includes everything that `needed` allows. */
export function isAtLeast(has: Permission, needed: Permission): boolean {
  return permissionLevels.indexOf(has) >= permissionLevels.indexOf(needed);
}

const permissionBody = z.object({
  permission: z.string(),
  role_name: z.string().optional(),
  user: z.object({ id: z.int() }).nullish(),
});

/** Requests about what people may do. */
export function permissionClient(door: Door) {
  return {
    /**
     * What the account may do now, asked live.
     *
     * GitHub is asked by login, so the answer is compared by id: whoever has taken over a login gets `none`.
     */
    of: async (
      repository: RepositoryName,
      account: Pick<Account, "id" | "login">,
    ): Promise<Permission> => {
      try {
        const answer = await door.rest.repos.getCollaboratorPermissionLevel({
          ...at(repository),
          username: account.login,
        });
        const { permission, role_name, user } = read(answer, permissionBody);
        if (user && user.id !== account.id) return "none";
        return narrower(levelOf(permission) ?? "none", levelOf(role_name));
      } catch (error) {
        if (isGitHubError(error, "not_found")) return "none";
        throw error;
      }
    },
  };
}

/** `permission` knows four levels: GitHub tells a triager there as `read`, a maintainer as `write`. */
const toldAs: Readonly<Partial<Record<Permission, Permission>>> = {
  triage: "read",
  maintain: "write",
};

/** Custom roles have names of their own and no level here; `permission` is the one that they build upon. */
function narrower(
  permission: Permission,
  role: Permission | undefined,
): Permission {
  if (role === undefined) return permission;
  return isAtLeast(permission, toldAs[role] ?? role) ? role : permission;
}

function levelOf(name: string | undefined): Permission | undefined {
  return permissionLevels.find((level) => level === name);
}
