import type { Database, Statement } from "@pullwright/persistence";

/** What came of a cause: the run that it started or moved, or null when it was only answered. */
export interface SettledCause {
  readonly runId: string | null;
}

const find: Statement = {
  name: "orchestrator_settled_cause",
  text: `
  SELECT workflow_run_id AS "runId" FROM run_events WHERE cause = $1
  UNION ALL
  SELECT NULL FROM effects WHERE target = 'reply:' || $1`,
};

/**
 * Remembers what was settled before. A second delivery of the same cause, by poll or by redelivery, must neither be
 * answered again nor find the way free that was blocked when the person asked.
 */
export class SettledCauses {
  constructor(private readonly database: Database) {}

  async find(cause: string): Promise<SettledCause | null> {
    const [row] = await this.database.query<{ runId: string | null }>(find, [
      cause,
    ]);
    return row ?? null;
  }
}
