import type { Repository } from "@pullwright/persistence";
import {
  defaultGuardPolicy,
  narrowPolicy,
  type GuardPolicy,
} from "@pullwright/workspace";
import { z } from "zod";

const patterns = z.array(z.string().min(1).max(300)).max(500);
const count = z.int().nonnegative();

/** A repository's rules as they are stored. What is missing or malformed is no wish, and the narrow default holds. */
const policySchema = z.object({
  /** Whether closing the issue cancels its run. */
  cancel_on_close: z.boolean().catch(true),
  guard: z
    .object({
      block: patterns.catch([]),
      max_files: count.optional().catch(undefined),
    })
    .catch({ block: [], max_files: undefined }),
});

/** A repository's rules, as far as this service obeys them. */
export interface Policy {
  readonly cancelOnClose: boolean;
  /** The installation's guard, narrowed by the repository; the same one that the runner obeys before it pushes. */
  readonly guard: GuardPolicy;
}

export function policyOf({ policy }: Pick<Repository, "policy">): Policy {
  const { cancel_on_close, guard } = policySchema.parse(policy);
  return {
    cancelOnClose: cancel_on_close,
    guard: narrowPolicy(defaultGuardPolicy, {
      block: guard.block,
      ...(guard.max_files === undefined ? {} : { maxFiles: guard.max_files }),
    }),
  };
}
