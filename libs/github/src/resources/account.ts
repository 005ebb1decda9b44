import { z } from "zod";

/** Who did something. Logins can be taken over and imitated, so compare ids. */
export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Bot" | "Organization" | "Other";
}

/** GitHub's stand-in for deleted accounts. */
const ghost: Account = { id: 10137, login: "ghost", type: "User" };

/** Whether GitHub, or a server that leaves authors out, does not say who it was. */
export function isGhost({ id }: Account): boolean {
  return id === ghost.id;
}

const knownTypes = ["User", "Bot", "Organization"] as const;

export const accountBody = z
  .object({
    id: z.int(),
    login: z.string(),
    type: z.string().optional(),
  })
  .transform(({ id, login, type }): Account => ({
    id,
    login,
    type: typeOf(login, type),
  }));

/** Servers that only resemble GitHub leave the type out; GitHub's bots have it in their name. */
function typeOf(login: string, type: string | undefined): Account["type"] {
  if (type === undefined) return login.endsWith("[bot]") ? "Bot" : "User";
  return knownTypes.find((known) => known === type) ?? "Other";
}

/** Null when the account is gone. */
export const accountOrGhost = accountBody
  .nullish()
  .transform((account): Account => account ?? ghost);
