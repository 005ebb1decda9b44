import type { Database, Statement } from "../database.js";
import type { NewDelivery, Verdict } from "./deliveries.js";

/** A delivery as people look at it, without what it said. */
export interface DeliveryRecord extends Omit<NewDelivery, "payload"> {
  readonly id: string;
  readonly receivedAt: Date;
  /** The same, exactly: microseconds since 1970. */
  readonly receivedMicros: string;
  readonly handledAt: Date | null;
  readonly failures: number;
  /** Null while it is not handled. */
  readonly verdict: Verdict | null;
  readonly reason: string | null;
  readonly cause: string | null;
  /** The run that it started or moved. */
  readonly adwId: string | null;
}

/** Where a page of deliveries, newest first, ended. */
export type DeliveryCursor = Pick<DeliveryRecord, "receivedMicros" | "id">;

export interface DeliveryFilter {
  readonly limit: number;
  readonly after?: DeliveryCursor;
  /** `open` are those that are not handled. */
  readonly verdict?: Verdict | "open";
  /** By GitHub's id; unset: all, also those of no repository. */
  readonly repositoryIds?: readonly number[];
}

/** What webhooks told of one kind of change. */
export interface ToldKind {
  readonly event: string;
  readonly action: string | null;
  readonly lastAt: Date;
}

const columns = `
  d.id, d.source, d.guid, d.event, d.action, d.repository_github_id::float8 AS "repositoryId",
  d.repository_full_name AS "repositoryFullName", d.received_at AS "receivedAt",
  (extract(epoch FROM d.received_at) * 1000000)::bigint::text AS "receivedMicros", d.handled_at AS "handledAt",
  d.failures, d.verdict, d.verdict_reason AS reason, d.cause, r.adw_id AS "adwId"`;
const from = `deliveries d LEFT JOIN workflow_runs r ON r.id = d.workflow_run_id`;

const list: Statement = {
  name: "delivery_list",
  text: `
  SELECT ${columns} FROM ${from}
   WHERE ($2::bigint IS NULL OR (d.received_at, d.id) < ('epoch'::timestamptz + $2::bigint * interval '1 microsecond', $3::uuid))
     AND ($4::text IS NULL OR ($4 = 'open' AND d.handled_at IS NULL) OR d.verdict = $4)
     AND ($5::bigint[] IS NULL OR d.repository_github_id = ANY($5))
   ORDER BY d.received_at DESC, d.id DESC LIMIT $1`,
};

const byId: Statement = {
  name: "delivery_by_id",
  text: `SELECT ${columns}, d.payload FROM ${from} WHERE d.id = $1`,
};

const known: Statement = {
  name: "delivery_known_guids",
  text: "SELECT guid FROM deliveries WHERE guid = ANY($1)",
};

const told: Statement = {
  name: "delivery_told_since",
  text: `
  SELECT event, action, max(received_at) AS "lastAt" FROM deliveries
   WHERE received_at >= $2 AND source = 'webhook' AND repository_github_id = $1 GROUP BY event, action`,
};

/** Questions about what came in. */
export class DeliveryQueries {
  constructor(private readonly database: Database) {}

  /** A page of deliveries, newest first. */
  list(filter: DeliveryFilter): Promise<DeliveryRecord[]> {
    return this.database.query<DeliveryRecord>(list, [
      filter.limit,
      filter.after?.receivedMicros ?? null,
      filter.after?.id ?? null,
      filter.verdict ?? null,
      filter.repositoryIds ?? null,
    ]);
  }

  async byId(
    id: string,
  ): Promise<(DeliveryRecord & { readonly payload: string }) | null> {
    const [row] = await this.database.query<
      DeliveryRecord & { readonly payload: string }
    >(byId, [id]);
    return row ?? null;
  }

  /** Which of GitHub's deliveries are recorded. */
  async knownGuids(guids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.database.query<{ guid: string }>(known, [guids]);
    return new Set(rows.map(({ guid }) => guid));
  }

  /** What webhooks have told of a repository since then, and when last. */
  toldSince(repositoryGithubId: number, since: Date): Promise<ToldKind[]> {
    return this.database.query<ToldKind>(told, [repositoryGithubId, since]);
  }
}
