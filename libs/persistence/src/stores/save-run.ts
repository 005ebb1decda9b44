import type { PhaseResult, RunState } from "@pullwright/domain";
import type { Database, Statement } from "../database.js";
import { changedPhases, phasePatch, runPatch } from "../rows/run-patch.js";
import type { LogBatch } from "./log-batch.js";
import type { LoadedRun } from "./run-record.js";

/** At most one write a target in this time. */
const EFFECT_SPACING_SECONDS = 5;
/** A ring is not repeated within this time; should it be lost, the reconciler makes it again. */
const RING_ON_ITS_WAY_SECONDS = 1;

export interface Save {
  readonly before: LoadedRun;
  readonly after: RunState;
  readonly effects: readonly string[];
  readonly event: {
    readonly type: string;
    readonly actor: string;
    readonly cause?: string;
    readonly payload: Readonly<Record<string, unknown>>;
  };
  /** Set when an owner claims the phase that this transition starts. */
  readonly claim?: {
    readonly owner: string;
    readonly leaseMs: number;
    readonly agent: string | null;
    readonly model: string | null;
  };
  /** Set when this transition ends an attempt. */
  readonly ended?: {
    readonly position: number;
    readonly fence: number;
    readonly outcome: string;
    readonly result: PhaseResult | null;
    readonly message: string | null;
  };
  readonly extras?: RunExtras;
  /** Last lines of the attempt that ends. */
  readonly lines?: LogBatch;
}

/** Facts of a run that `decide` has no use for; a key that is absent leaves the column alone. */
export interface RunExtras {
  readonly pullRequestNumber?: number;
  readonly pushedSha?: string;
  readonly agent?: string | null;
  readonly model?: string | null;
  readonly note?: string | null;
}

export interface Saved {
  readonly phases: readonly {
    readonly id: string;
    readonly position: number;
    readonly status: string;
    readonly fence: number;
    readonly due: boolean;
  }[];
  readonly attemptId: string | null;
  readonly eventSeq: number;
  /** The number of the first of the lines that were written with it. */
  readonly firstLine: number | null;
  readonly effects: readonly {
    readonly id: string;
    readonly rev: number;
    readonly due: boolean;
  }[];
}

const runColumns = {
  status: "text",
  outcome: "text",
  execution: "int",
  classification: "text",
  plan_file: "text",
  implementation_summary: "text",
  head_sha: "text",
  pull_request_url: "text",
  error_message: "text",
  error_phase: "text",
  error_class: "text",
  waiting_reason: "text",
  waiting_message: "text",
  waiting_since: "timestamptz",
  resume_at: "timestamptz",
  wait_deadline: "timestamptz",
  max_active_ms: "bigint",
  max_usd: "numeric",
  spent_usd: "numeric",
  active_ms: "bigint",
  cancel_requested_by: "text",
  cancel_reason: "text",
  cancel_requested_at: "timestamptz",
  started_at: "timestamptz",
  completed_at: "timestamptz",
} as const satisfies Record<keyof ReturnType<typeof runPatch>, string>;

export const phaseColumns = {
  execution: "int",
  position: "int",
  phase: "text",
  round: "int",
  status: "text",
  fence: "int",
  available_at: "timestamptz",
  infrastructure_losses: "int",
  failed_attempts: "int",
  reused_from: "int",
  result: "jsonb",
  commit_sha: "text",
  output_file: "text",
  error_message: "text",
  error_class: "text",
  started_at: "timestamptz",
  completed_at: "timestamptz",
} as const satisfies Record<keyof ReturnType<typeof phasePatch>, string>;

export const typed = (columns: Readonly<Record<string, string>>): string =>
  Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(", ");

const phaseNames = Object.keys(phaseColumns);

/**
 * A whole transition in one statement and so in one transaction: the run, its phases, the attempt that begins or
 * ends with its last log lines, the execution, the event and the effects. Nothing is written unless the run still has the version that was
 * read. One round trip here is what keeps a phase's end to one hop.
 */
const saveRun: Statement = {
  name: "run_save",
  text: `
  WITH patch AS (SELECT * FROM jsonb_to_record($3::jsonb) AS p(${typed(runColumns)})),
  run AS (
    UPDATE workflow_runs r
       SET ${Object.keys(runColumns)
         .map((name) => `${name} = p.${name}`)
         .join(", ")},
           pull_request_number = CASE WHEN $4::jsonb ? 'pullRequestNumber' THEN ($4::jsonb ->> 'pullRequestNumber')::int ELSE r.pull_request_number END,
           pushed_sha = CASE WHEN $4::jsonb ? 'pushedSha' THEN $4::jsonb ->> 'pushedSha' ELSE r.pushed_sha END,
           agent = CASE WHEN $4::jsonb ? 'agent' THEN $4::jsonb ->> 'agent' ELSE r.agent END,
           model = CASE WHEN $4::jsonb ? 'model' THEN $4::jsonb ->> 'model' ELSE r.model END,
           note = CASE WHEN $4::jsonb ? 'note' THEN $4::jsonb ->> 'note' ELSE r.note END,
           updated_at = now(), version = r.version + 1
      FROM patch p
     WHERE r.id = $1 AND r.version = $2
 RETURNING r.id, r.repository_id, r.issue_number, r.execution, r.status, r.started_at, r.completed_at, r.agent, r.model, r.note
  ),
  phases AS (
    INSERT INTO phase_runs AS t (workflow_run_id, ${phaseNames.join(", ")}, owner, lease_until, rung_at)
    SELECT run.id, ${phaseNames.map((name) => `x.${name}`).join(", ")},
           CASE WHEN x.status = 'running' THEN $6 END,
           CASE WHEN x.status = 'running' AND $6::text IS NOT NULL THEN now() + $7::int * interval '1 millisecond' END,
           CASE WHEN x.status = 'queued' AND x.available_at <= now() THEN now() END
      FROM jsonb_to_recordset($5::jsonb) AS x(${typed(phaseColumns)}), run
    ON CONFLICT (workflow_run_id, execution, position) DO UPDATE
       SET ${[...phaseNames, "owner", "lease_until", "rung_at"].map((name) => `${name} = excluded.${name}`).join(", ")}
 RETURNING t.id, t.position, t.status, t.fence, t.available_at
  ),
  begun AS (
    INSERT INTO attempts (phase_run_id, workflow_run_id, fence, owner, agent, model, status)
    SELECT phases.id, run.id, phases.fence, $6, $8, $9, 'live' FROM phases, run
     WHERE $6::text IS NOT NULL AND phases.status = 'running'
 RETURNING id
  ),
  ended AS (
    UPDATE attempts a
       SET status = 'ended', ended_at = now(), outcome = e.outcome, failure_class = e.failure_class, message = e.message,
           input_tokens = coalesce(e.input_tokens, 0), output_tokens = coalesce(e.output_tokens, 0), cost_usd = e.cost_usd
      FROM phases, jsonb_to_record($10::jsonb) AS e(position int, fence int, outcome text, failure_class text, message text, input_tokens bigint, output_tokens bigint, cost_usd numeric, handoff jsonb)
     WHERE phases.position = e.position AND a.phase_run_id = phases.id AND a.fence = e.fence
  ),
  handed AS (
    INSERT INTO handoffs (workflow_run_id, phase_run_id, content_md, metadata_json)
    SELECT run.id, phases.id, e.handoff ->> 'contentMd', coalesce(e.handoff -> 'metadata', '{}')
      FROM run, phases, jsonb_to_record($10::jsonb) AS e(position int, handoff jsonb)
     WHERE phases.position = e.position AND e.handoff ->> 'contentMd' IS NOT NULL
    ON CONFLICT (phase_run_id) DO UPDATE SET content_md = excluded.content_md, metadata_json = excluded.metadata_json
  ),
  head AS (
    UPDATE log_heads h SET next_seq = h.next_seq + cardinality($16::timestamptz[])
      FROM run WHERE $16::timestamptz[] IS NOT NULL AND h.workflow_run_id = run.id
 RETURNING h.run_day, h.next_seq - cardinality($16::timestamptz[]) AS first
  ),
  lines AS (
    INSERT INTO workflow_logs (run_day, workflow_run_id, seq, phase_run_id, "timestamp", level, message, context)
    SELECT head.run_day, $1, head.first + l.n - 1, phases.id, l.at, l.level, l.message, l.context::jsonb
      FROM head, phases, unnest($16::timestamptz[], $17::text[], $18::text[], $19::text[]) WITH ORDINALITY AS l(at, level, message, context, n)
     WHERE phases.position = ($10::jsonb ->> 'position')::int
  ),
  execution AS (
    INSERT INTO executions AS x (workflow_run_id, number, status, requested_by, from_phase, note, agent, model, started_at, finished_at, total_tokens, total_cost)
    SELECT run.id, run.execution, run.status, $12, $14::jsonb ->> 'phase', run.note, run.agent, run.model, run.started_at, run.completed_at,
           coalesce(e.input_tokens, 0) + coalesce(e.output_tokens, 0), coalesce(e.cost_usd, 0)
      FROM run LEFT JOIN jsonb_to_record($10::jsonb) AS e(input_tokens bigint, output_tokens bigint, cost_usd numeric) ON true
    ON CONFLICT (workflow_run_id, number) DO UPDATE
       SET status = excluded.status, started_at = excluded.started_at, finished_at = excluded.finished_at,
           total_tokens = x.total_tokens + excluded.total_tokens, total_cost = x.total_cost + excluded.total_cost
  ),
  event AS (
    INSERT INTO run_events (workflow_run_id, execution, type, actor, cause, payload)
    SELECT run.id, run.execution, $11, $12, $13, $14::jsonb FROM run
 RETURNING seq
  ),
  effect AS (
    INSERT INTO effects AS f (workflow_run_id, repository_id, issue_number, kind, target, status, rung_at)
    SELECT run.id, run.repository_id, run.issue_number, k.kind, 'run:' || run.id || ':' || k.kind, 'intent', now()
      FROM run, unnest($15::text[]) AS k(kind)
     WHERE run.issue_number IS NOT NULL OR k.kind NOT IN ('status_comment', 'labels')
    ON CONFLICT (target) DO UPDATE
       SET desired_rev = f.desired_rev + 1,
           status = CASE WHEN f.status = 'acting' THEN 'acting' ELSE 'intent' END,
           failures = 0,
           next_at = greatest(now(), f.applied_at + interval '${EFFECT_SPACING_SECONDS} seconds'),
           rung_at = CASE
             -- Whoever acts leaves it to the reconciler when there is more to do.
             WHEN f.status = 'acting' AND f.lease_until > now() THEN f.rung_at
             -- Not due yet: left unrung, so that the reconciler rings at the first tick after the spacing.
             WHEN f.applied_at > now() - interval '${EFFECT_SPACING_SECONDS} seconds' THEN NULL
             -- The ring for the revision before is still on its way, and whoever hears it finds this one.
             WHEN f.status = 'intent' AND f.next_at <= now() AND f.rung_at > now() - interval '${RING_ON_ITS_WAY_SECONDS} seconds' THEN f.rung_at
             ELSE now() END,
           updated_at = now()
 RETURNING f.id, f.desired_rev AS rev, coalesce(f.rung_at = now(), false) AS due
  )
  SELECT (SELECT id FROM run) AS run_id,
         (SELECT seq FROM event)::int8 AS event_seq,
         (SELECT first FROM head) AS first_line,
         (SELECT id FROM begun) AS attempt_id,
         (SELECT json_agg(json_build_object('id', id, 'position', position, 'status', status, 'fence', fence, 'due', available_at <= now())) FROM phases) AS phases,
         (SELECT json_agg(json_build_object('id', id, 'rev', rev, 'due', due)) FROM effect) AS effects`,
};

interface SavedRow {
  readonly run_id: string | null;
  readonly event_seq: string | null;
  readonly first_line: string | null;
  readonly attempt_id: string | null;
  readonly phases: Saved["phases"] | null;
  readonly effects: Saved["effects"] | null;
}

/** Writes a transition; null when somebody else moved the run first. */
export async function saveTransition(
  database: Database,
  save: Save,
): Promise<Saved | null> {
  const { before, after, event, claim, ended, extras, lines } = save;
  const usage = ended?.result?.usage ?? null;
  const endedJson =
    ended === undefined
      ? {}
      : {
          position: ended.position,
          fence: ended.fence,
          outcome: ended.outcome,
          failure_class:
            ended.result?.outcome === "failed"
              ? ended.result.failureClass
              : null,
          message: ended.message,
          input_tokens: usage?.inputTokens ?? null,
          output_tokens: usage?.outputTokens ?? null,
          cost_usd: usage?.costUsd ?? null,
          handoff: ended.result?.handoff ?? null,
        };
  const [row] = await database.query<SavedRow>(saveRun, [
    before.id,
    before.version,
    JSON.stringify(runPatch(after)),
    JSON.stringify(extras ?? {}),
    JSON.stringify(changedPhases(before.state, after).map(phasePatch)),
    claim?.owner ?? null,
    claim?.leaseMs ?? null,
    claim?.agent ?? null,
    claim?.model ?? null,
    JSON.stringify(endedJson),
    event.type,
    event.actor,
    event.cause ?? null,
    JSON.stringify(event.payload),
    save.effects,
    ...(lines?.columns ?? [null, null, null, null]),
  ]);
  if (row?.run_id == null) return null;
  return {
    phases: row.phases ?? [],
    attemptId: row.attempt_id,
    eventSeq: Number(row.event_seq),
    firstLine: row.first_line === null ? null : Number(row.first_line),
    effects: row.effects ?? [],
  };
}
