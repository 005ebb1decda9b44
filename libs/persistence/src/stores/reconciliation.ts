import type { Doorbell } from "@pullwright/contracts";
import { CAPACITY_DEADLINE_MS } from "@pullwright/domain";
import type { Database, Statement } from "../database.js";

/** A ring that nobody answered within this time is made again. */
const RING_AGAIN_SECONDS = 30;
const BATCH = 200;

const unheard = `(rung_at IS NULL OR rung_at < now() - interval '${RING_AGAIN_SECONDS} seconds')`;

const phases: Statement = {
  name: "reconcile_phases",
  text: `
  WITH found AS (SELECT id, rung_at IS NOT NULL AS again FROM phase_runs WHERE status = 'queued' AND available_at <= now() AND ${unheard}
                  ORDER BY available_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
  UPDATE phase_runs p SET rung_at = now() FROM found WHERE p.id = found.id
  RETURNING p.id, p.fence, found.again`,
};

const deliveries: Statement = {
  name: "reconcile_deliveries",
  text: `
  UPDATE deliveries SET rung_at = now()
   WHERE id IN (SELECT id FROM deliveries WHERE handled_at IS NULL AND (handling_until IS NULL OR handling_until < now())
                   AND (${unheard} OR (handling_until IS NOT NULL AND rung_at < handling_until))
                 ORDER BY received_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
  RETURNING id`,
};

const effects: Statement = {
  name: "reconcile_effects",
  text: `
  UPDATE effects SET rung_at = now()
   WHERE id IN (SELECT id FROM effects
                 WHERE desired_rev > applied_rev AND next_at <= now() AND ${unheard}
                   AND (status = 'intent' OR (status = 'acting' AND lease_until < now()))
                 ORDER BY next_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
  RETURNING id, desired_rev AS rev`,
};

const lost: Statement = {
  name: "reconcile_lost",
  text: `
  SELECT p.workflow_run_id AS "runId", p.position, p.fence, p.owner, noted.*
    FROM phase_runs p
    LEFT JOIN LATERAL (SELECT l.cost_usd::float8 AS "costUsd", l.tokens::float8 AS tokens
                         FROM attempts a JOIN ledger l ON l.attempt_id = a.id
                        WHERE a.phase_run_id = p.id AND a.fence = p.fence) noted ON true
   WHERE p.status = 'running' AND p.owner IS NOT NULL AND p.lease_until < now() LIMIT ${BATCH}`,
};

/** An agent was refused the phase, and may be asked again by now. */
const hasAgentBack = `EXISTS (SELECT 1 FROM jsonb_to_recordset(setbacks -> 'refused') AS s("resumeAt" timestamptz) WHERE s."resumeAt" <= now())`;

const waits: Statement = {
  name: "reconcile_waits",
  text: `
  (SELECT id AS "runId" FROM workflow_runs
    WHERE status = 'waiting' AND (resume_at <= now() OR wait_deadline <= now()) LIMIT ${BATCH})
  UNION ALL
  (SELECT workflow_run_id FROM phase_runs
    WHERE status = 'queued' AND available_at <= now() - interval '${CAPACITY_DEADLINE_MS} milliseconds' LIMIT ${BATCH})
  UNION ALL
  (SELECT workflow_run_id FROM phase_runs
    WHERE status = 'queued' AND available_at <= now() AND setbacks IS NOT NULL AND ${hasAgentBack} LIMIT ${BATCH})`,
};

const forgotten: Statement = {
  name: "reconcile_forgotten",
  text: `
  WITH p AS (UPDATE phase_runs SET rung_at = NULL WHERE status = 'queued' AND rung_at IS NOT NULL RETURNING 1),
       d AS (UPDATE deliveries SET rung_at = NULL WHERE handled_at IS NULL AND rung_at IS NOT NULL RETURNING 1),
       e AS (UPDATE effects SET rung_at = NULL WHERE status IN ('intent', 'acting') AND rung_at IS NOT NULL RETURNING 1)
  SELECT (SELECT count(*) FROM p) + (SELECT count(*) FROM d) + (SELECT count(*) FROM e) AS rings`,
};

const budgetWaits: Statement = {
  name: "reconcile_budget_waits",
  text: `
  SELECT id AS "runId", waiting_budget_id AS "budgetId" FROM workflow_runs
   WHERE waiting_budget_id IS NOT NULL AND id > $1 ORDER BY id LIMIT $2`,
};

const openRuns: Statement = {
  name: "reconcile_open_runs",
  text: `
  SELECT id AS "runId" FROM workflow_runs
   WHERE status IN ('pending', 'running', 'waiting') AND (issue_number IS NOT NULL OR pull_request_number IS NOT NULL) AND id > $1
   ORDER BY id LIMIT $2`,
};

const blockedBy: Statement = {
  name: "reconcile_blocked_by",
  text: `
  SELECT id AS "runId" FROM workflow_runs
   WHERE status = 'waiting' AND EXISTS (SELECT 1 FROM unnest(blocked_by) AS issue WHERE lower(issue) = lower($1))`,
};

export interface LostAttempt {
  readonly runId: string;
  readonly position: number;
  readonly fence: number;
  readonly owner: string;
  /** What it had noted of its cost; null when it noted nothing. US dollars. */
  readonly costUsd: number | null;
  readonly tokens: number | null;
}

/** The queries of the reconciler: what nobody rang or heard, what ran out. Each is safe to run from anywhere. */
export class Reconciliation {
  constructor(private readonly database: Database) {}

  /**
   * What nobody rang or heard. A ring for a phase may have been answered by a runner that works on another one since, and
   * the same ring is swallowed for as long: one that was made before insists.
   */
  async unheardDoorbells(): Promise<Doorbell[]> {
    const [queued, received, due] = await Promise.all([
      this.database.query<{ id: string; fence: number; again: boolean }>(
        phases,
        [],
      ),
      this.database.query<{ id: string }>(deliveries, []),
      this.database.query<{ id: string; rev: number }>(effects, []),
    ]);
    return [
      ...received.map(({ id }): Doorbell => ({
        name: "delivery.received",
        payload: { v: 1, deliveryId: id },
      })),
      ...queued.map(({ id, fence, again }): Doorbell => ({
        name: "phase.queued",
        payload: { v: 1, phaseRunId: id, fence },
        ...(again ? { insists: true } : {}),
      })),
      ...due.map(({ id, rev }): Doorbell => ({
        name: "effect.due",
        payload: { v: 1, effectId: id, rev },
      })),
    ];
  }

  /** Makes every ring that nobody has answered count as never made; returns how many. */
  async forgetRings(): Promise<number> {
    const rows = await this.database.query<{ rings: string }>(forgotten, []);
    return Number(rows[0]?.rings ?? 0);
  }

  /** Attempts whose owner has not been heard of for the length of its lease. */
  lostAttempts(): Promise<LostAttempt[]> {
    return this.database.query<LostAttempt>(lost, []);
  }

  /** Runs whose wait is over, one way or the other, those whose phase has been queued for too long, or may have an agent back. */
  elapsedWaits(): Promise<{ readonly runId: string }[]> {
    return this.database.query<{ runId: string }>(waits, []);
  }

  /** Runs that wait for a shared budget, by id, a page at a time. */
  budgetWaits(
    afterRunId: string,
    limit: number,
  ): Promise<{ readonly runId: string; readonly budgetId: string }[]> {
    return this.database.query(budgetWaits, [afterRunId, limit]);
  }

  /** Runs that wait until this issue (`owner/name#number`) is closed. */
  blockedBy(issue: string): Promise<{ readonly runId: string }[]> {
    return this.database.query(blockedBy, [issue]);
  }

  /** Open runs with anything on GitHub, by id, a page at a time, to be compared with it. */
  openRuns(
    afterRunId: string,
    limit: number,
  ): Promise<{ readonly runId: string }[]> {
    return this.database.query(openRuns, [afterRunId, limit]);
  }
}
