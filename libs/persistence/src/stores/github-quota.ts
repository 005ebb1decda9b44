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

/**
 * From a quiet time on, `burst` writes may follow at once: the next turn lies that far behind the present. A turn that
 * was not given back, since its process died or was cut off, is over when its time is.
 */
const takeWriteTurn: Statement = {
  name: "github_quota_take_write_turn",
  text: `
  INSERT INTO github_quota AS q (credential, resource, next_write_at, write_fence, write_held_until)
  VALUES ($1, 'core', now() - ($2::int - 2) * $3::int * interval '1 millisecond', 1, now() + $4::int * interval '1 millisecond')
  ON CONFLICT (credential, resource) DO UPDATE
     SET next_write_at = greatest(q.next_write_at, now() - (${burst} - 1) * ${refill}) + ${refill},
         write_fence = coalesce(q.write_fence, 0) + 1, write_held_until = excluded.write_held_until,
         write_wanted_at = NULL
   WHERE (q.next_write_at IS NULL OR q.next_write_at <= now())
     AND (q.write_held_until IS NULL OR q.write_held_until <= now())
  RETURNING write_fence AS fence`,
};

const wantWriteTurn: Statement = {
  name: "github_quota_want_write_turn",
  text: `
  UPDATE github_quota SET write_wanted_at = now() WHERE credential = $1 AND resource = 'core'
  RETURNING (extract(epoch FROM next_write_at - now()) * 1000)::float8 AS "inMs"`,
};

const giveWriteTurnBack: Statement = {
  name: "github_quota_give_write_turn_back",
  text: `
  UPDATE github_quota SET write_held_until = NULL WHERE credential = $1 AND resource = 'core' AND write_fence = $2
  RETURNING write_wanted_at IS NOT NULL AS "isWanted"`,
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

  /** Takes the credential's turn to write, for `holdMs` at most, when nobody has it and the pace allows a write. */
  async takeWriteTurn(
    credential: string,
    pace: { readonly burst: number; readonly refillMs: number },
    holdMs: number,
  ): Promise<
    | { readonly kind: "taken"; readonly fence: number }
    | { readonly kind: "later"; readonly inMs: number }
  > {
    const { burst, refillMs } = pace;
    const [taken] = await this.database.query<{ fence: number }>(
      takeWriteTurn,
      [credential, burst, refillMs, holdMs],
    );
    if (taken !== undefined) return { kind: "taken", fence: taken.fence };
    const [wanted] = await this.database.query<{ inMs: number | null }>(
      wantWriteTurn,
      [credential],
    );
    return { kind: "later", inMs: Math.max(0, wanted?.inMs ?? 0) };
  }

  /** Ends a turn; true when another process asked for one meanwhile. Nothing happens when it had run out. */
  async giveWriteTurnBack(credential: string, fence: number): Promise<boolean> {
    const [row] = await this.database.query<{ isWanted: boolean }>(
      giveWriteTurnBack,
      [credential, fence],
    );
    return row?.isWanted ?? false;
  }

  list(): Promise<GithubQuotaRecord[]> {
    return this.database.query<GithubQuotaRecord>(list, []);
  }
}
