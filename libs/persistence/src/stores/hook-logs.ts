import type { Database, Statement } from "../database.js";

/** How far a webhook's log of deliveries on GitHub has been read. */
export interface HookLogPosition {
  /** What was delivered before this has been looked at. */
  readonly readUntil: Date | null;
  readonly readAt: Date | null;
  /** Why it could not be read; null when it could. */
  readonly trouble: string | null;
}

const get: Statement = {
  name: "hook_log_get",
  text: `SELECT read_until AS "readUntil", read_at AS "readAt", trouble FROM hook_logs WHERE name = $1`,
};

const save: Statement = {
  name: "hook_log_save",
  text: `
  INSERT INTO hook_logs (name, read_until, read_at, trouble) VALUES ($1, $2, $3, $4)
  ON CONFLICT (name) DO UPDATE
     SET read_until = excluded.read_until, read_at = excluded.read_at, trouble = excluded.trouble`,
};

/** How far each webhook's log has been read. */
export class HookLogs {
  constructor(private readonly database: Database) {}

  async get(name: string): Promise<HookLogPosition | null> {
    const [row] = await this.database.query<{
      readUntil: Date | null;
      readAt: Date | null;
      trouble: string | null;
    }>(get, [name]);
    return row ?? null;
  }

  async save(name: string, position: HookLogPosition): Promise<void> {
    const { readUntil, readAt, trouble } = position;
    await this.database.query(save, [name, readUntil, readAt, trouble]);
  }
}
