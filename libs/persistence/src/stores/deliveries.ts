import type { Database, Statement } from "../database.js";

export interface NewDelivery {
  readonly source: "webhook" | "poll";
  /** GitHub's id of the delivery, or the poller's name of the change. */
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly repositoryId: number | null;
  readonly repositoryFullName: string | null;
  /** The raw body. */
  readonly payload: string;
}

export type RecordedDelivery = {
  readonly kind: "recorded" | "duplicate";
  readonly id: string;
};

export interface Delivery extends NewDelivery {
  readonly id: string;
  readonly receivedAt: Date;
  readonly failures: number;
}

export const verdicts = ["started", "moved", "ignored", "failed"] as const;
export type Verdict = (typeof verdicts)[number];

const record: Statement = {
  name: "delivery_record",
  text: `
  INSERT INTO deliveries (source, guid, event, action, repository_github_id, repository_full_name, payload, rung_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, now())
  ON CONFLICT (guid) DO NOTHING RETURNING id`,
};

const known: Statement = {
  name: "delivery_known",
  text: "SELECT id FROM deliveries WHERE guid = $1",
};

const take: Statement = {
  name: "delivery_take",
  text: `
  UPDATE deliveries SET handling_until = now() + $2::int * interval '1 millisecond'
   WHERE id = $1 AND handled_at IS NULL AND (handling_until IS NULL OR handling_until < now())
  RETURNING id, source, guid, event, action, repository_github_id, repository_full_name, payload, received_at, failures`,
};

const settle: Statement = {
  name: "delivery_settle",
  text: `
  UPDATE deliveries SET handled_at = now(), handling_until = NULL, verdict = $2, verdict_reason = $3, cause = $4, workflow_run_id = $5
   WHERE id = $1 AND handled_at IS NULL`,
};

const putBack: Statement = {
  name: "delivery_put_back",
  text: `
  UPDATE deliveries SET failures = failures + 1, handling_until = now() + $2::int * interval '1 millisecond', verdict_reason = $3
   WHERE id = $1 AND handled_at IS NULL`,
};

const settledCause: Statement = {
  name: "delivery_settled_cause",
  text: `
  SELECT workflow_run_id AS "runId" FROM run_events WHERE cause = $1
  UNION ALL
  SELECT NULL FROM effects WHERE target = 'reply:' || $1`,
};

/** What came of a cause: the run that it started or moved, or null when it was only answered. */
export interface SettledCause {
  readonly runId: string | null;
}

/** What came in, by webhook or by poll. */
export class Deliveries {
  constructor(private readonly database: Database) {}

  async record(delivery: NewDelivery): Promise<RecordedDelivery> {
    const [row] = await this.database.query<{ id: string }>(record, [
      delivery.source,
      delivery.guid,
      delivery.event,
      delivery.action,
      delivery.repositoryId,
      delivery.repositoryFullName,
      delivery.payload,
    ]);
    if (row !== undefined) return { kind: "recorded", id: row.id };
    const [earlier] = await this.database.query<{ id: string }>(known, [
      delivery.guid,
    ]);
    if (earlier === undefined)
      throw new Error(`delivery ${delivery.guid} was neither stored nor found`);
    return { kind: "duplicate", id: earlier.id };
  }

  /** Takes an unhandled delivery for `holdMs`; null when it is handled or in other hands. */
  async take(id: string, holdMs: number): Promise<Delivery | null> {
    const [row] = await this.database.query<{
      id: string;
      source: "webhook" | "poll";
      guid: string;
      event: string;
      action: string | null;
      repository_github_id: string | null;
      repository_full_name: string | null;
      payload: string;
      received_at: Date;
      failures: number;
    }>(take, [id, holdMs]);
    if (row === undefined) return null;
    return {
      id: row.id,
      source: row.source,
      guid: row.guid,
      event: row.event,
      action: row.action,
      repositoryId:
        row.repository_github_id === null
          ? null
          : Number(row.repository_github_id),
      repositoryFullName: row.repository_full_name,
      payload: row.payload,
      receivedAt: row.received_at,
      failures: row.failures,
    };
  }

  async settle(
    id: string,
    verdict: {
      readonly verdict: Verdict;
      readonly reason: string;
      readonly cause?: string;
      readonly runId?: string;
    },
  ): Promise<void> {
    await this.database.query(settle, [
      id,
      verdict.verdict,
      verdict.reason,
      verdict.cause ?? null,
      verdict.runId ?? null,
    ]);
  }

  /**
   * What became of a cause before; null when it is new. A second delivery of the same cause, by poll or by redelivery,
   * must neither be answered again nor find the way free that was blocked when the person asked.
   */
  async settledCause(cause: string): Promise<SettledCause | null> {
    const [row] = await this.database.query<{ runId: string | null }>(
      settledCause,
      [cause],
    );
    return row ?? null;
  }

  /** Leaves it for a later try; the reconciler rings again. */
  async putBack(id: string, afterMs: number, reason: string): Promise<void> {
    await this.database.query(putBack, [id, Math.round(afterMs), reason]);
  }
}
