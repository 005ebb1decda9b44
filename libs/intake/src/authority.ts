import { isAtLeast, type Account, type GitHub } from "@pullwright/github";
import type { Repository } from "@pullwright/persistence";
import { z } from "zod";

/** Whether somebody may ask for work, or why not. */
export type Authority =
  { readonly may: true } | { readonly may: false; readonly reason: string };

/**
 * Asks GitHub, live, whether an account may move runs: with write permission, or on the repository's allow-list.
 *
 * Accounts are compared by id, since a login can be taken over or imitated. Bots need the allow-list; we ourselves, as
 * a bot, never may. A person whose token we use may, and so may whoever the allow-list names where the server does not
 * tell who we are: what Pullwright itself writes holds its marker and no command.
 */
export async function authorityOf(
  actor: Account,
  repository: Repository,
  github: GitHub,
): Promise<Authority> {
  const self = await github.identity();
  const isBot = actor.type === "Bot";
  if (actor.id === self?.id && (isBot || self.type === "Bot"))
    return { may: false, reason: "it is our own" };
  if (allowedActorIds(repository).includes(actor.id)) return { may: true };
  if (isBot)
    return {
      may: false,
      reason: `the bot ${actor.id.toString()} is not on the allow-list`,
    };
  const permission = await github.permissions.of(repository, actor);
  return isAtLeast(permission, "write")
    ? { may: true }
    : {
        may: false,
        reason: `${actor.login} has ${permission} permission, not write`,
      };
}

const allowList = z.object({
  /** GitHub ids of accounts that may ask without write permission; the only way for a bot. */
  allowed_actor_ids: z.array(z.int().positive()).catch([]),
});

/** What is missing or malformed is no wish, and the narrow default holds. */
function allowedActorIds({ policy }: Pick<Repository, "policy">): number[] {
  return allowList.parse(policy).allowed_actor_ids;
}
