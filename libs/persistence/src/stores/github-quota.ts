import type { Database, Statement } from "../database.js";

/** Whose quota, and for what. */
interface QuotaKey {
  readonly credential: string;
  readonly resource: "core" | "graphql" | "search";
}

interface QuotaWindow {
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: Date;
}

interface QuotaPause {
  readonly kind: "primary" | "secondary";
  readonly forMs: number;
}

/** What one process has learned since it last told the others. */
interface QuotaNews {
  readonly window: QuotaWindow | null;
  readonly pause: QuotaPause | null;
  readonly requests: {
    readonly control: number;
    readonly status: number;
    readonly discovery: number;
  };
  readonly refused: number;
}

/** A quota as people look at it. */
export interface GithubQuotaRecord extends QuotaKey {
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetAt: Date | null;
  /** Null while requests may go. */
  readonly pausedUntil: Date | null;
  readonly reason: string | null;
  readonly controlRequests: number;
  readonly statusRequests: number;
  readonly discoveryRequests: number;
  readonly refusedRequests: number;
  readonly updatedAt: Date;
}

/** GitHub's answers name a window's end to the second, and not always the same one. */
const ONE_WINDOW = "interval '1 minute'";
const isNewer = `(q.reset_at IS NULL OR excluded.reset_at > q.reset_at + ${ONE_WINDOW})`;
const isOlder = `(excluded.reset_at IS NULL OR excluded.reset_at < q.reset_at - ${ONE_WINDOW})`;
const counted = (column: string) =>
  `${column} = excluded.${column} + CASE WHEN excluded.reset_at IS NOT NULL AND ${isNewer} THEN 0 ELSE q.${column} END`;

const exchange: Statement = {
  name: "github_quota_exchange",
  text: `
  INSERT INTO github_quota AS q
    (credential, resource, quota_limit, remaining, reset_at, paused_until, reason,
     control_requests, status_requests, discovery_requests, refused_requests, next_write_at)
  VALUES ($1, $2, $3, $4, $5, now() + $6::float8 * interval '1 millisecond', $7, $8, $9, $10, $11, now() + $6::float8 * interval '1 millisecond')
  ON CONFLICT (credential, resource) DO UPDATE SET
    quota_limit = CASE WHEN ${isOlder} THEN q.quota_limit ELSE excluded.quota_limit END,
    remaining = CASE WHEN ${isOlder} THEN q.remaining WHEN ${isNewer} THEN excluded.remaining ELSE least(q.remaining, excluded.remaining) END,
    reset_at = greatest(q.reset_at, excluded.reset_at),
    reason = CASE WHEN excluded.paused_until > coalesce(q.paused_until, '-infinity') THEN excluded.reason ELSE q.reason END,
    paused_until = greatest(q.paused_until, excluded.paused_until),
    ${counted("control_requests")},
    ${counted("status_requests")},
    ${counted("discovery_requests")},
    ${counted("refused_requests")},
    next_write_at = greatest(q.next_write_at, excluded.paused_until),
    updated_at = now()
  RETURNING quota_limit AS "limit", remaining, reset_at AS "resetAt", reason,
    (extract(epoch FROM paused_until - now()) * 1000)::float8 AS "pausedForMs"`,
};

/** For ten minutes after the secondary limit every process writes a second apart, whichever of them has met it. */
const isCareful = `(q.reason = 'secondary' AND q.paused_until > now() - interval '10 minutes')`;
const burst = `CASE WHEN ${isCareful} THEN 1 ELSE $2::int END`;
const refill = `CASE WHEN ${isCareful} THEN greatest($3::int, 1000) ELSE $3::int END * interval '1 millisecond'`;

/** From a quiet time on, `burst` writes may go at once: the next turn lies that far behind the present. */
const takeWriteTurn: Statement = {
  name: "github_quota_take_write_turn",
  text: `
  INSERT INTO github_quota AS q (credential, resource, next_write_at)
  VALUES ($1, 'core', now() - ($2::int - 2) * $3::int * interval '1 millisecond')
  ON CONFLICT (credential, resource) DO UPDATE
     SET next_write_at = greatest(q.next_write_at, now() - (${burst} - 1) * ${refill}) + ${refill}
   WHERE q.next_write_at IS NULL OR q.next_write_at <= now() + $4::int * interval '1 millisecond'
  RETURNING (extract(epoch FROM q.next_write_at - ${refill} - now()) * 1000)::float8 AS "waitMs"`,
};

const list: Statement = {
  name: "github_quota_list",
  text: `
  SELECT credential, resource, quota_limit AS "limit", remaining, reset_at AS "resetAt",
         CASE WHEN paused_until > now() THEN paused_until END AS "pausedUntil",
         CASE WHEN paused_until > now() THEN reason END AS reason,
         control_requests AS "controlRequests", status_requests AS "statusRequests",
         discovery_requests AS "discoveryRequests", refused_requests AS "refusedRequests", updated_at AS "updatedAt"
    FROM github_quota ORDER BY credential, resource`,
};

interface ExchangeRow {
  readonly limit: number | null;
  readonly remaining: number | null;
  readonly resetAt: Date | null;
  readonly reason: "primary" | "secondary" | null;
  readonly pausedForMs: number | null;
}

/** What all processes know of GitHub's quotas: one row each, on the database's clock. */
export class GithubQuota {
  constructor(private readonly database: Database) {}

  /** Adds what one process has learned and tells what all know, in one statement. */
  async exchange(
    { credential, resource }: QuotaKey,
    { window, pause, requests, refused }: QuotaNews,
  ): Promise<{
    readonly window: QuotaWindow | null;
    readonly pause: QuotaPause | null;
  }> {
    const [row] = await this.database.query<ExchangeRow>(exchange, [
      credential,
      resource,
      window?.limit ?? null,
      window?.remaining ?? null,
      window?.resetAt ?? null,
      pause?.forMs ?? null,
      pause?.kind ?? null,
      requests.control,
      requests.status,
      requests.discovery,
      refused,
    ]);
    if (row === undefined) return { window: null, pause: null };
    const { limit, remaining, resetAt, reason, pausedForMs } = row;
    return {
      window:
        limit === null || remaining === null || resetAt === null
          ? null
          : { limit, remaining, resetAt },
      pause:
        reason === null || pausedForMs === null || pausedForMs <= 0
          ? null
          : { kind: reason, forMs: pausedForMs },
    };
  }

  /** The time until the credential's next turn to write, which is then taken; null when it is too far ahead. */
  async takeWriteTurn(
    credential: string,
    pace: {
      readonly burst: number;
      readonly refillMs: number;
      readonly maxWaitMs: number;
    },
  ): Promise<number | null> {
    const [row] = await this.database.query<{ waitMs: number }>(takeWriteTurn, [
      credential,
      pace.burst,
      pace.refillMs,
      pace.maxWaitMs,
    ]);
    return row === undefined ? null : Math.max(0, row.waitMs);
  }

  list(): Promise<GithubQuotaRecord[]> {
    return this.database.query<GithubQuotaRecord>(list, []);
  }
}
