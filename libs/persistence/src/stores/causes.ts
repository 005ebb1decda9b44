import type { Database, Statement } from "../database.js";

const find: Statement = {
  name: "cause_find",
  text: `SELECT workflow_run_id AS "runId", request_sha256 AS "requestSha256" FROM run_events WHERE cause = $1`,
};

/** What a cause has done. */
export interface SpentCause {
  /** The run that it started or moved; it may be gone. */
  readonly runId: string;
  /** Names what was asked; null where nobody said, as older versions did. */
  readonly requestSha256: string | null;
}

/** The causes that have counted; each does once, whatever becomes of its run. */
export class Causes {
  constructor(private readonly database: Database) {}

  /** Null for a cause that is new. */
  async find(cause: string): Promise<SpentCause | null> {
    const [row] = await this.database.query<SpentCause>(find, [cause]);
    return row ?? null;
  }
}
