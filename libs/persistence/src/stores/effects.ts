import type { Doorbell } from "@pullwright/contracts";
import type { EffectKind } from "@pullwright/domain";
import type { Database, Statement } from "../database.js";

/** A one-off answer to a command that moved no run, such as "another run is live". */
export interface ReplyContent {
  readonly body: string;
}

/** An effect in the hands of one owner; what it writes is refused once the fence has moved on. */
export interface ClaimedEffect {
  readonly id: string;
  readonly fence: number;
  readonly kind: EffectKind | "reply";
  readonly target: string;
  readonly runId: string | null;
  readonly repositoryId: string;
  readonly issueNumber: number | null;
  readonly desired: ReplyContent | null;
  /** The revision to apply; rendered state may be newer, never older. */
  readonly rev: number;
  readonly externalId: string | null;
  readonly failures: number;
  /** When an earlier write was begun whose end nobody knows: look before repeating it. */
  readonly uncertainSince: Date | null;
  /** The time on the database's clock, on which all the moments here are: a process's own may be an hour off. */
  readonly now: () => Date;
  /** How long it is still ours at least. Negative once it may be another's. */
  readonly leaseLeftMs: () => number;
}

const claim: Statement = {
  name: "effect_claim",
  text: `
  WITH before AS (SELECT id, acted_at FROM effects WHERE id = $1)
  UPDATE effects f
     SET status = 'acting', owner = $2, fence = f.fence + 1, lease_until = now() + $3::int * interval '1 millisecond', acted_at = coalesce(f.acted_at, now())
    FROM before
   WHERE f.id = before.id AND f.desired_rev > f.applied_rev AND f.next_at <= now()
     AND (f.status = 'intent' OR (f.status = 'acting' AND f.lease_until < now()))
  RETURNING f.id, f.fence, f.kind, f.target, f.workflow_run_id, f.repository_id, f.issue_number, f.desired, f.desired_rev, f.external_id, f.failures,
            before.acted_at AS uncertain_since, now() AS claimed_at`,
};

const complete: Statement = {
  name: "effect_complete",
  text: `
  UPDATE effects
     SET applied_rev = greatest(applied_rev, $3), applied_at = now(), acted_at = NULL, owner = NULL, lease_until = NULL, failures = 0, last_error = NULL,
         external_id = coalesce($4, external_id), result = coalesce($5, result), updated_at = now(),
         status = CASE WHEN desired_rev > $3 THEN 'intent' ELSE 'done' END,
         next_at = now() + interval '5 seconds', rung_at = NULL
   WHERE id = $1 AND fence = $2 AND status = 'acting'
  RETURNING id`,
};

const postpone: Statement = {
  name: "effect_postpone",
  text: `
  UPDATE effects
     SET status = 'intent', owner = NULL, lease_until = NULL, next_at = $3, last_error = $4, failures = failures + $5::int, rung_at = NULL,
         acted_at = CASE WHEN $6::boolean THEN acted_at END, external_id = coalesce($7, external_id), updated_at = now()
   WHERE id = $1 AND fence = $2 AND status = 'acting'
  RETURNING id`,
};

const fail: Statement = {
  name: "effect_fail",
  text: `
  UPDATE effects
     SET status = CASE WHEN desired_rev > $3 THEN 'intent' ELSE 'failed' END, applied_rev = greatest(applied_rev, $3), owner = NULL, lease_until = NULL,
         acted_at = NULL, last_error = $4, failures = failures + 1, updated_at = now()
   WHERE id = $1 AND fence = $2 AND status = 'acting'
  RETURNING id`,
};

const reply: Statement = {
  name: "effect_reply",
  text: `
  INSERT INTO effects (repository_id, issue_number, kind, target, status, desired, rung_at)
  VALUES ($1, $2, 'reply', $3, 'intent', $4, now())
  ON CONFLICT (target) DO NOTHING RETURNING id, desired_rev AS rev`,
};

const ofRun: Statement = {
  name: "effects_of_run",
  text: `
  SELECT kind, status, desired_rev AS "desiredRev", applied_rev AS "appliedRev", failures, last_error AS "lastError", next_at AS "nextAt", external_id AS "externalId"
    FROM effects WHERE workflow_run_id = $1 ORDER BY kind`,
};

export interface EffectView {
  readonly kind: string;
  readonly status: string;
  readonly desiredRev: number;
  readonly appliedRev: number;
  readonly failures: number;
  readonly lastError: string | null;
  readonly nextAt: Date;
  readonly externalId: string | null;
}

/** What Pullwright writes to the outside, one row a target (R6). */
export class Effects {
  constructor(private readonly database: Database) {}

  async claim(
    id: string,
    owner: string,
    leaseMs: number,
  ): Promise<ClaimedEffect | null> {
    const asked = { at: performance.now(), wallAt: Date.now() };
    const [row] = await this.database.query<{
      id: string;
      fence: number;
      kind: ClaimedEffect["kind"];
      target: string;
      workflow_run_id: string | null;
      repository_id: string;
      issue_number: number | null;
      desired: ReplyContent | null;
      desired_rev: number;
      external_id: string | null;
      failures: number;
      uncertain_since: Date | null;
      claimed_at: Date;
    }>(claim, [id, owner, leaseMs]);
    if (row === undefined) return null;
    const heardAt = performance.now();
    return {
      id: row.id,
      fence: row.fence,
      kind: row.kind,
      target: row.target,
      runId: row.workflow_run_id,
      repositoryId: row.repository_id,
      issueNumber: row.issue_number,
      desired: row.desired,
      rev: row.desired_rev,
      externalId: row.external_id,
      failures: row.failures,
      uncertainSince: row.uncertain_since,
      now: () =>
        new Date(row.claimed_at.getTime() + performance.now() - heardAt),
      // From before the question on, and by the clock that goes on while a machine sleeps, too.
      leaseLeftMs: () =>
        leaseMs -
        Math.max(performance.now() - asked.at, Date.now() - asked.wallAt),
    };
  }

  /** The write is known to have happened. False when another owner has taken over. */
  complete(
    effect: ClaimedEffect,
    done: {
      readonly externalId?: string;
      readonly result?: Readonly<Record<string, unknown>>;
    } = {},
  ): Promise<boolean> {
    return this.#write(complete, [
      effect.id,
      effect.fence,
      effect.rev,
      done.externalId ?? null,
      done.result ?? null,
    ]);
  }

  /**
   * Tries again later.
   *
   * `uncertain` keeps the moment of the write whose end is unknown; `counts` says whether this was a failure.
   */
  postpone(
    effect: ClaimedEffect,
    later: {
      readonly at: Date;
      readonly error: string;
      readonly uncertain: boolean;
      readonly counts: boolean;
      readonly externalId?: string;
    },
  ): Promise<boolean> {
    return this.#write(postpone, [
      effect.id,
      effect.fence,
      later.at,
      later.error,
      later.counts ? 1 : 0,
      later.uncertain,
      later.externalId ?? null,
    ]);
  }

  /** Gives up on this revision; a newer one tries anew. */
  fail(effect: ClaimedEffect, error: string): Promise<boolean> {
    return this.#write(fail, [effect.id, effect.fence, effect.rev, error]);
  }

  /** Records a one-off comment; the same key twice is one comment. */
  async reply(request: {
    readonly repositoryId: string;
    readonly issueNumber: number;
    readonly key: string;
    readonly body: string;
  }): Promise<Doorbell[]> {
    const [row] = await this.database.query<{ id: string; rev: number }>(
      reply,
      [
        request.repositoryId,
        request.issueNumber,
        `reply:${request.key}`,
        { body: request.body },
      ],
    );
    return row === undefined
      ? []
      : [
          {
            name: "effect.due",
            payload: { v: 1, effectId: row.id, rev: row.rev },
          },
        ];
  }

  ofRun(runId: string): Promise<EffectView[]> {
    return this.database.query<EffectView>(ofRun, [runId]);
  }

  async #write(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<boolean> {
    const rows = await this.database.query(statement, values);
    return rows.length === 1;
  }
}
