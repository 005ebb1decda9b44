import type { Rig } from "../rig/rig.js";

/** The process that holds a lease now; 0 for nobody. */
export async function holderOf(rig: Rig, name: string): Promise<number> {
  const [lease] = await rig.postgres.query<{ owner: string }>(
    "SELECT owner FROM leases WHERE name = $1 AND lease_until > now()",
    [name],
  );
  return Number(lease?.owner.split(":").at(-1) ?? 0);
}

/** The lease that one process of a kind holds. */
export const leaseOf = {
  poller: "poller",
  orchestrator: "reconciler",
} as const;
