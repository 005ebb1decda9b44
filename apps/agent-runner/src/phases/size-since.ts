import type { DiffSize } from "@pullwright/domain";
import type { Checkout } from "@pullwright/workspace";
import type { PhaseContext } from "./phase-context.js";

/** The size of what lies between two commits. */
export async function sizeSince(
  { parts }: PhaseContext,
  checkout: Checkout,
  since: string,
  sha: string,
): Promise<DiffSize> {
  const changes = await parts.workspaces.changedFiles(checkout, since, sha);
  return {
    files: changes.length,
    insertions: changes.reduce(
      (sum, { additions }) => sum + (additions ?? 0),
      0,
    ),
    deletions: changes.reduce(
      (sum, { deletions }) => sum + (deletions ?? 0),
      0,
    ),
  };
}
