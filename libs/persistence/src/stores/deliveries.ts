import { DatabaseUnavailable } from "../database-error.js";
import type { Database, Statement } from "../database.js";
import { BatchWriter } from "./batch-writer.js";

export interface NewDelivery {
  /** `hook_log`: a webhook that failed, as GitHub remembers it. */
  readonly source: "webhook" | "poll" | "hook_log";
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
  /** How often it was put back, whatever for. */
  readonly failures: number;
  /** How often for something that has a limit. */
  readonly countedFailures: number;
  /** How often somebody took it before, and neither settled it nor put it back. */
  readonly lostTakes: number;
}

export const verdicts = ["started", "moved", "ignored", "failed"] as const;
export type Verdict = (typeof verdicts)[number];

/** Statements of more rows gain nothing more; each number of rows is a statement of its own. */
const MAX_ROWS = 16;
const COLUMNS =
  "source, guid, event, action, repository_github_id, repository_full_name, payload";

/** Rows as parameters: as arrays their payloads would be escaped here and unescaped by Postgres. */
const record = (rows: number): Statement => ({
  name: `delivery_record_${rows}`,
  text: `
  INSERT INTO deliveries (${COLUMNS}, rung_at)
  VALUES ${Array.from({ length: rows }, (_, row) => `(${[1, 2, 3, 4, 5, 6, 7].map((column) => `$${7 * row + column}`).join(", ")}, now())`).join(", ")}
  ON CONFLICT (guid) DO NOTHING RETURNING id, guid`,
});
const records = Array.from({ length: MAX_ROWS }, (_, index) =>
  record(index + 1),
);

const known: Statement = {
  name: "deliveries_known",
  text: "SELECT id, guid FROM deliveries WHERE guid = ANY($1)",
};

/** Once is chance, and twice; from then on each loss doubles the time until somebody else is put at risk, up to 32 times. */
const HOLD_GROWTH = "power(2, least(5, greatest(0, takes - failures - 2)))";

const take: Statement = {
  name: "delivery_take",
  text: `
  UPDATE deliveries SET takes = takes + 1, handling_until = now() + $2::int * ${HOLD_GROWTH} * interval '1 millisecond'
   WHERE id = $1 AND handled_at IS NULL AND (handling_until IS NULL OR handling_until < now())
  RETURNING id, source, guid, event, action, repository_github_id, repository_full_name, payload, received_at, failures, counted_failures,
            greatest(0, takes - 1 - failures) AS lost_takes`,
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
  UPDATE deliveries SET failures = failures + 1, counted_failures = counted_failures + $4::boolean::int, handling_until = now() + $2::int * interval '1 millisecond', verdict_reason = $3
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

interface Row {
  readonly id: string;
  readonly guid: string;
}

/** What came in, by webhook or by poll. */
export class Deliveries {
  readonly #recorder = new BatchWriter(
    (deliveries: readonly NewDelivery[]) => this.#recordAll(deliveries),
    {
      // Two, so that Postgres parses one batch while it syncs the other to disk.
      maxInFlight: 2,
      maxItems: MAX_ROWS,
      maxSize: 1024 * 1024,
      sizeOf: ({ payload }) => payload.length,
      isItemsFault: (error) => !(error instanceof DatabaseUnavailable),
    },
  );

  constructor(private readonly database: Database) {}

  /**
   * Answers once the delivery is committed. What comes in at once is recorded together: with every connection busy the
   * gateway takes more than a bare server that makes a statement for each (`npm run bench -- --only gateway`).
   */
  record(delivery: NewDelivery): Promise<RecordedDelivery> {
    return this.#recorder.add(delivery);
  }

  async #recordAll(
    deliveries: readonly NewDelivery[],
  ): Promise<RecordedDelivery[]> {
    const statement = records[deliveries.length - 1];
    if (statement === undefined)
      throw new Error(`no statement records ${deliveries.length} deliveries`);
    const rows = await this.database.query<Row>(
      statement,
      deliveries.flatMap((delivery) => [
        delivery.source,
        delivery.guid,
        delivery.event,
        delivery.action,
        delivery.repositoryId,
        delivery.repositoryFullName,
        delivery.payload,
      ]),
    );
    const recorded = new Map(rows.map(({ guid, id }) => [guid, id]));
    const earlier = await this.#known(
      deliveries.map(({ guid }) => guid).filter((guid) => !recorded.has(guid)),
    );
    return deliveries.map(({ guid }) => {
      const id = recorded.get(guid);
      // The same name twice in a batch: the first one was recorded.
      recorded.delete(guid);
      if (id === undefined) return this.#duplicate(guid, earlier);
      earlier.set(guid, id);
      return { kind: "recorded", id };
    });
  }

  async #known(guids: readonly string[]): Promise<Map<string, string>> {
    if (guids.length === 0) return new Map();
    const rows = await this.database.query<Row>(known, [guids]);
    return new Map(rows.map(({ guid, id }) => [guid, id]));
  }

  #duplicate(
    guid: string,
    earlier: ReadonlyMap<string, string>,
  ): RecordedDelivery {
    const id = earlier.get(guid);
    if (id === undefined)
      throw new Error(`delivery ${guid} was neither stored nor found`);
    return { kind: "duplicate", id };
  }

  /** Takes an unhandled delivery for `holdMs`, or longer where others were lost with it; null when it is handled or in other hands. */
  async take(id: string, holdMs: number): Promise<Delivery | null> {
    const [row] = await this.database.query<{
      id: string;
      source: NewDelivery["source"];
      guid: string;
      event: string;
      action: string | null;
      repository_github_id: string | null;
      repository_full_name: string | null;
      payload: string;
      received_at: Date;
      failures: number;
      counted_failures: number;
      lost_takes: number;
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
      countedFailures: row.counted_failures,
      lostTakes: row.lost_takes,
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
  async putBack(
    id: string,
    {
      afterMs,
      reason,
      counts,
    }: {
      readonly afterMs: number;
      readonly reason: string;
      readonly counts: boolean;
    },
  ): Promise<void> {
    const values = [id, Math.round(afterMs), reason, counts];
    await this.database.query(putBack, values);
  }
}
