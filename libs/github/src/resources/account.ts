import { z } from "zod";

/** Who did something. Logins can be taken over and imitated, so compare ids. */
export interface Account {
  readonly id: number;
  readonly login: string;
  readonly type: "User" | "Bot" | "Organization" | "Other";
}

/** GitHub's stand-in for deleted accounts. */
const ghost: Account = { id: 10137, login: "ghost", type: "User" };

const knownTypes = ["User", "Bot", "Organization"] as const;

export const accountBody = z.object({
  id: z.int(),
  login: z.string(),
  type: z
    .string()
    .transform(
      (type): Account["type"] =>
        knownTypes.find((known) => known === type) ?? "Other",
    ),
});

/** Null when the account is gone. */
export const accountOrGhost = accountBody
  .nullish()
  .transform((account): Account => account ?? ghost);
