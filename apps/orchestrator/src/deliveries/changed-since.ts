import type { GitHub } from "@pullwright/github";
import { authorityOf } from "@pullwright/intake";
import type { RunWish } from "./run-wish.js";

/** GitHub's times are whole seconds, and an issue's own may be that of the second after its event. */
const ROUNDING_MS = 1_000;

/**
 * Whether what stands in the issue may be another text than the one that was approved: no delivery says what it read then,
 * it was changed since (GitHub does not say how, and a comment changes it too), and its author could not have asked
 * for a run. Whoever else may write in it could.
 */
export async function mayHaveChangedSince(
  wish: Pick<RunWish, "askedAt" | "isAsSeen" | "issue" | "repository">,
  github: GitHub,
): Promise<boolean> {
  const { askedAt, isAsSeen, issue, repository } = wish;
  if (isAsSeen) return false;
  if (Date.parse(issue.updatedAt) <= Date.parse(askedAt) + ROUNDING_MS)
    return false;
  return !(await authorityOf(issue.author, repository, github)).may;
}
