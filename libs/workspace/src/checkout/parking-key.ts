import { createHash } from "node:crypto";

/** A parked tree belongs to one branch of one repository, so that no run works in what another run's agent has touched. */
export function parkingKey(
  repositoryId: string,
  branch: string,
  purpose = "work",
): string {
  return createHash("sha256")
    .update(JSON.stringify([repositoryId, branch, purpose]))
    .digest("hex")
    .slice(0, 32);
}
