import type { Repository, Stores } from "@pullwright/persistence";
import { ignored, type Handled } from "./handled.js";

/** Somebody asked who may not. */
export interface RefusedWish {
  readonly cause: string;
  readonly repository: Repository;
  readonly issueNumber: number;
  readonly actor: string;
  readonly source: "label" | "comment";
  readonly reason: string;
}

/** Notes in the audit, once for a cause, who asked without a right; nobody is answered, so that asking gains nothing. */
export async function refused(
  { audit }: Pick<Stores, "audit">,
  { cause, repository, issueNumber, actor, source, reason }: RefusedWish,
): Promise<Handled> {
  const { id, owner, name } = repository;
  await audit.record({
    by: { actor, source },
    action: "trigger.refused",
    cause,
    repository: { id, fullName: `${owner}/${name}` },
    details: { issue_number: issueNumber, reason },
  });
  return ignored(reason, { cause });
}
