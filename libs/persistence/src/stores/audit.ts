import type { Database, Statement } from "../database.js";
import { auditPage, type AuditFilter } from "./audit-page.js";
import { valuesOf, type AuditNote } from "./audit-note.js";

/** One entry of the audit, of a run or of anything else. */
export interface AuditEntry {
  /** Of both sources together: later ones have greater numbers. */
  readonly seq: number;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  /** Null where a run's event does not tell. */
  readonly source: string | null;
  readonly origin: string | null;
  readonly cause: string | null;
  readonly repository: string | null;
  readonly adwId: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

const record: Statement = {
  name: "audit_record",
  text: `
  INSERT INTO audit_events (actor, source, origin, action, cause, repository_id, repository_full_name, details)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
};

/** Entries that are read at a time while all of them are; what an export of any size keeps in memory. */
const BATCH = 500;

/** Who did what, when, by what trigger, from where. Entries can be added and read, nothing else. */
export class Audit {
  constructor(private readonly database: Database) {}

  async record({
    by,
    action,
    cause,
    repository,
    details,
  }: AuditNote): Promise<void> {
    await this.database.query(record, [
      ...valuesOf(by),
      action,
      cause ?? null,
      repository?.id ?? null,
      repository?.fullName ?? null,
      details ?? {},
    ]);
  }

  /** The newest entries before a number, newest first. */
  async page(
    filter: AuditFilter,
    before: number | null,
    limit: number,
  ): Promise<AuditEntry[]> {
    const { statement, values } = auditPage(filter, before, limit);
    const rows = await this.database.query<
      Omit<AuditEntry, "seq"> & { readonly seq: string }
    >(statement, values);
    return rows.map((row) => ({ ...row, seq: Number(row.seq) }));
  }

  /** All entries, newest first, a batch at a time. */
  async *all(filter: AuditFilter): AsyncGenerator<AuditEntry> {
    let before: number | null = null;
    for (;;) {
      const batch: AuditEntry[] = await this.page(filter, before, BATCH);
      yield* batch;
      const last = batch.at(-1);
      if (last === undefined || batch.length < BATCH) return;
      before = last.seq;
    }
  }
}
