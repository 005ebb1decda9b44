import { readGuardWishes } from "@pullwright/contracts";
import type { Repository } from "@pullwright/persistence";
import {
  defaultGuardPolicy,
  narrowPolicy,
  type GuardPolicy,
} from "@pullwright/workspace";
import { z } from "zod";

/** Whether closing the issue cancels its run. What is missing or malformed is no wish, and the narrow default holds. */
const cancelOnClose = z.boolean().catch(true);

/** A repository's rules, as far as this service obeys them. */
export interface Policy {
  readonly cancelOnClose: boolean;
  /** The installation's guard, narrowed by the repository; the same one that the runner obeys before it pushes. */
  readonly guard: GuardPolicy;
}

export function policyOf({ policy }: Pick<Repository, "policy">): Policy {
  return {
    cancelOnClose: cancelOnClose.parse(policy["cancel_on_close"]),
    guard: narrowPolicy(defaultGuardPolicy, readGuardWishes(policy)),
  };
}
