import type { Database, Statement } from "../database.js";

const acquire: Statement = {
  name: "lease_acquire",
  text: `
  INSERT INTO leases AS l (name, owner, lease_until) VALUES ($1, $2, now() + $3::int * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE
     SET owner = excluded.owner, lease_until = excluded.lease_until,
         fence = CASE WHEN l.owner = excluded.owner THEN l.fence ELSE l.fence + 1 END
   WHERE l.lease_until < now() OR l.owner = excluded.owner
  RETURNING fence`,
};

const release: Statement = {
  name: "lease_release",
  text: "UPDATE leases SET lease_until = now() WHERE name = $1 AND owner = $2",
};

/** Expiring rows for what only one process may do; a stopped holder cannot keep one for ever. */
export class Leases {
  constructor(private readonly database: Database) {}

  /** Takes or renews a lease; the fence, or null while somebody else holds it. */
  async acquire(
    name: string,
    owner: string,
    ttlMs: number,
  ): Promise<number | null> {
    const [row] = await this.database.query<{ fence: number }>(acquire, [
      name,
      owner,
      ttlMs,
    ]);
    return row?.fence ?? null;
  }

  async release(name: string, owner: string): Promise<void> {
    await this.database.query(release, [name, owner]);
  }
}
