import { hash } from "node:crypto";
import type { Statement } from "../database.js";

/** Which entries. */
export interface AuditFilter {
  readonly from?: Date;
  /** Exclusive. */
  readonly to?: Date;
  readonly actor?: string;
  readonly action?: string;
  /** `owner/name`, as it was called then or is called now. */
  readonly repository?: string;
  readonly adwId?: string;
  /** Entries about these repositories alone. */
  readonly repositoryIds?: readonly string[];
}

/** A run that was deleted is known from the entry of its deletion. */
const runEvents = `
  SELECT e.seq, e.created_at AS at, e.actor, 'run.' || e.type AS action, e.payload ->> 'source' AS source, e.payload ->> 'origin' AS origin, e.cause,
         coalesce(p.owner || '/' || p.name, gone.repository_full_name) AS repository, coalesce(r.adw_id, gone.adw_id) AS "adwId",
         e.payload || jsonb_build_object('execution', e.execution) AS details
    FROM run_events e
    LEFT JOIN workflow_runs r ON r.id = e.workflow_run_id
    LEFT JOIN repositories p ON p.id = r.repository_id
    LEFT JOIN audit_events gone ON r.id IS NULL AND gone.workflow_run_id = e.workflow_run_id AND gone.action = 'run.deleted'
   WHERE e.actor <> ''`;

const otherEvents = `
  SELECT a.seq, a.created_at AS at, a.actor, a.action, a.source, a.origin, a.cause, a.repository_full_name AS repository, a.adw_id AS "adwId", a.details
    FROM audit_events a LEFT JOIN repositories p ON p.id = a.repository_id
   WHERE true`;

/**
 * The statement for a page: both sources by their common number, newest first. Conditions are only there where they are
 * asked for, so that Postgres can plan with the indexes that they allow.
 */
export function auditPage(
  filter: AuditFilter,
  before: number | null,
  limit: number,
): { readonly statement: Statement; readonly values: unknown[] } {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given).toString()}`;
  const ofRuns: string[] = [];
  const ofOthers: string[] = [];
  const where = (runs: string, others: string) => {
    ofRuns.push(runs);
    ofOthers.push(others);
  };
  if (before !== null) {
    const seq = value(before);
    where(`e.seq < ${seq}`, `a.seq < ${seq}`);
  }
  if (filter.from !== undefined) {
    const from = value(filter.from);
    where(`e.created_at >= ${from}`, `a.created_at >= ${from}`);
  }
  if (filter.to !== undefined) {
    const to = value(filter.to);
    where(`e.created_at < ${to}`, `a.created_at < ${to}`);
  }
  if (filter.actor !== undefined) {
    const actor = value(filter.actor);
    where(`e.actor = ${actor}`, `a.actor = ${actor}`);
  }
  if (filter.action !== undefined) {
    const action = value(filter.action);
    where(`'run.' || e.type = ${action}`, `a.action = ${action}`);
  }
  if (filter.repository !== undefined) {
    const name = `lower(${value(filter.repository)})`;
    const now = `lower(p.owner || '/' || p.name) = ${name}`;
    where(
      `(${now} OR lower(gone.repository_full_name) = ${name})`,
      `(${now} OR lower(a.repository_full_name) = ${name})`,
    );
  }
  if (filter.adwId !== undefined) {
    const adwId = value(filter.adwId);
    where(
      `e.workflow_run_id IN (SELECT id FROM workflow_runs WHERE adw_id = ${adwId} UNION ALL SELECT workflow_run_id FROM audit_events WHERE adw_id = ${adwId})`,
      `a.adw_id = ${adwId}`,
    );
  }
  if (filter.repositoryIds !== undefined) {
    const ids = `ANY(${value([...filter.repositoryIds])}::uuid[])`;
    where(
      `coalesce(r.repository_id, gone.repository_id) = ${ids}`,
      `a.repository_id = ${ids}`,
    );
  }
  const count = value(limit);
  const source = (select: string, conditions: string[], seq: string) =>
    `(${[select, ...conditions].join("\n     AND ")}\n   ORDER BY ${seq} DESC LIMIT ${count})`;
  const text = `${source(runEvents, ofRuns, "e.seq")}\n  UNION ALL\n  ${source(otherEvents, ofOthers, "a.seq")}\n  ORDER BY seq DESC LIMIT ${count}`;
  // Postgres knows a name's first 63 characters.
  const name = `audit_page_${hash("sha256", text, "hex").slice(0, 32)}`;
  return { statement: { name, text }, values };
}
