import type { Handoff, PhaseRunState } from "@pullwright/domain";
import { changedPhases, phasePatch, runPatch } from "../rows/run-patch.js";
import type { Executor } from "./budget-use.js";
import { addReservation, addSettlement } from "./ledger-parts.js";
import { addEarlyTry, addRest, mayAsk } from "./breaker-parts.js";
import type { LogBatch } from "./log-batch.js";
import type { LoadedRun } from "./run-record.js";
import { StatementBuilder } from "./statement-builder.js";
import type { RunExtras, Save, Saved } from "./transition-save.js";

/** At most one write a target in this time. */
const EFFECT_SPACING_SECONDS = 5;
/** A ring is not repeated within this time; should it be lost, the reconciler makes it again. */
const RING_ON_ITS_WAY_SECONDS = 1;

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
  waiting_budget_id: "text",
  waiting_since: "timestamptz",
  blocked_by: "text[]",
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
  agents: "text",
  setbacks: "jsonb",
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

const extraColumns = {
  pull_request_number: "int",
  pushed_sha: "text",
  agent: "text",
  model: "text",
  note: "text",
} as const;

const phaseNames = Object.keys(phaseColumns);
const writtenNames = [...phaseNames, "owner", "lease_until", "rung_at"];
const phaseReturning =
  "RETURNING t.id, t.position, t.status, t.fence, t.available_at";

/** More changed phases than this are written as one set; by themselves each is a part of the statement. */
const PHASES_BY_THEMSELVES = 3;

/**
 * A whole transition in one statement and so in one transaction: the run, its phases, the attempt that begins or
 * ends with its last log lines, the execution, the events and the effects. Nothing is written unless the run still has the version that was
 * read. One round trip here is what keeps a phase's end to one hop.
 *
 * Postgres sets up every part and column of a statement each time, also those that then write nothing; a statement of only
 * what this transition changes costs it a seventh less (measured with `npm run bench -- --only runs`).
 */
function toStatement(save: Save): ReturnType<StatementBuilder["build"]> {
  const builder = new StatementBuilder("run_save");
  addRun(builder, save);
  addPhases(builder, save);
  addAttempts(builder, save);
  if (save.rest !== undefined) addRest(builder, save.rest);
  if (asksForQuotaNow(save)) addEarlyTry(builder);
  addExecution(builder, save);
  addEvents(builder, save);
  addEffects(builder, save.effects);
  return builder.build();
}

function addRun(builder: StatementBuilder, save: Save): void {
  const { before, after, extras } = save;
  const sets = [
    ...builder.changes(runPatch(before.state), runPatch(after), runColumns),
    ...builder.changes({}, namedExtras(extras), extraColumns),
    "updated_at = now()",
    "version = r.version + 1",
  ];
  builder.part(
    "run",
    `
    UPDATE workflow_runs r SET ${sets.join(", ")}
     WHERE r.id = ${builder.value(before.id)} AND r.version = ${builder.value(before.version)}${mayAsk(builder, save)}
    RETURNING r.id, r.repository_id, r.issue_number, r.execution, r.status, r.started_at, r.completed_at, r.agent, r.model, r.note`,
  );
  builder.column("(SELECT id FROM run) AS run_id");
}

function addPhases(builder: StatementBuilder, save: Save): void {
  const changed = changedPhases(save.before.state, save.after);
  if (changed.length === 0) return;
  const stored = changed.map((phase) => storedPhase(save.before, phase));
  if (changed.length > PHASES_BY_THEMSELVES || stored.includes(undefined))
    addPhaseSet(builder, save, changed);
  else
    changed.forEach((phase, index) => {
      addPhase(builder, save, phase, stored[index], `phase${index.toString()}`);
    });
  if (changed.length <= PHASES_BY_THEMSELVES && !stored.includes(undefined))
    builder.part(
      "phases",
      changed
        .map((_, index) => `SELECT * FROM phase${index.toString()}`)
        .join(" UNION ALL "),
    );
  builder.column(
    "(SELECT json_agg(json_build_object('id', id, 'position', position, 'status', status, 'fence', fence, 'due', available_at <= now())) FROM phases) AS phases",
  );
}

function storedPhase(
  { phaseRows }: LoadedRun,
  { execution, position }: PhaseRunState,
): string | undefined {
  return phaseRows.find(
    (row) => row.execution === execution && row.position === position,
  )?.id;
}

function addPhase(
  builder: StatementBuilder,
  { before, after, claim }: Save,
  phase: PhaseRunState,
  id: string | undefined,
  part: string,
): void {
  const was = before.state.phases.find(
    ({ position }) => position === phase.position,
  );
  const sets = builder.changes(
    was === undefined ? {} : phasePatch(was, before.state),
    phasePatch(phase, after),
    phaseColumns,
  );
  const isClaimed = claim !== undefined && phase.status === "running";
  if (isClaimed) {
    sets.push(
      `owner = ${builder.value(claim.owner)}`,
      `lease_until = ${leaseEnd(builder, claim)}`,
    );
  } else sets.push("owner = NULL", "lease_until = NULL");
  if (phase.status === "queued") {
    sets.push(
      `rung_at = CASE WHEN ${builder.value(phase.availableAt)}::timestamptz <= now() THEN now() END`,
    );
  } else sets.push("rung_at = NULL");
  builder.part(
    part,
    `UPDATE phase_runs t SET ${sets.join(", ")} FROM run WHERE t.id = ${builder.value(id)} ${phaseReturning}`,
  );
}

/** All at once, new ones among them. */
function addPhaseSet(
  builder: StatementBuilder,
  { after, claim }: Save,
  phases: readonly PhaseRunState[],
): void {
  const ofClaimed = (text: string): string =>
    claim === undefined
      ? "NULL"
      : `CASE WHEN x.status = 'running' THEN ${text} END`;
  const owner = claim && `${builder.value(claim.owner)}::text`;
  const lease = claim && leaseEnd(builder, claim);
  builder.part(
    "phases",
    `
    INSERT INTO phase_runs AS t (workflow_run_id, ${writtenNames.join(", ")})
    SELECT run.id, ${phaseNames.map((name) => `x.${name}`).join(", ")},
           ${ofClaimed(owner ?? "")}, ${ofClaimed(lease ?? "")}::timestamptz,
           CASE WHEN x.status = 'queued' AND x.available_at <= now() THEN now() END
      FROM jsonb_to_recordset(${builder.value(JSON.stringify(phases.map((phase) => phasePatch(phase, after))))}::jsonb) AS x(${typed(phaseColumns)}), run
    ON CONFLICT (workflow_run_id, execution, position) DO UPDATE
       SET ${writtenNames.map((name) => `${name} = excluded.${name}`).join(", ")}
    ${phaseReturning}`,
  );
}

function leaseEnd(
  builder: StatementBuilder,
  { leaseMs }: NonNullable<Save["claim"]>,
): string {
  return `now() + ${builder.value(leaseMs)}::int * interval '1 millisecond'`;
}

function addAttempts(builder: StatementBuilder, save: Save): void {
  const { claim, ended, lines } = save;
  if (claim !== undefined) {
    const { owner, agent, model } = claim;
    builder.part(
      "begun",
      `
    INSERT INTO attempts (phase_run_id, workflow_run_id, fence, owner, agent, model, status)
    SELECT phases.id, run.id, phases.fence, ${[owner, agent, model].map((value) => builder.value(value)).join(", ")}, 'live' FROM phases, run
     WHERE phases.status = 'running'
    RETURNING id`,
    );
    builder.column("(SELECT id FROM begun) AS attempt_id");
    addReservation(builder, save);
  }
  if (ended === undefined) return;
  const position = `${builder.value(ended.position)}::int`;
  addEnded(builder, ended, position);
  addSettlement(builder, save);
  if (ended.result?.handoff !== undefined)
    addHandoff(builder, ended.result.handoff, position);
  if (lines !== undefined) addLines(builder, lines, position);
}

function addEnded(
  builder: StatementBuilder,
  {
    outcome,
    result,
    message,
    fence,
    usage,
    isNoted,
  }: NonNullable<Save["ended"]>,
  position: string,
): void {
  const columns = {
    outcome,
    failure_class: result?.outcome === "failed" ? result.failureClass : null,
    message,
    input_tokens: usage?.inputTokens ?? 0,
    output_tokens: usage?.outputTokens ?? 0,
    cost_usd: usage?.costUsd ?? null,
  };
  const sets = Object.entries(columns).map(
    ([name, value]) => `${name} = ${builder.value(value)}`,
  );
  builder.part(
    "ended",
    `
    UPDATE attempts a SET status = 'ended', ended_at = now(), ${sets.join(", ")}
      FROM phases
     WHERE phases.position = ${position} AND a.phase_run_id = phases.id AND a.fence = ${builder.value(fence)}${usage === null && !isNoted ? "" : " RETURNING a.id, a.agent, a.model"}`,
  );
}

function addHandoff(
  builder: StatementBuilder,
  { contentMd, metadata }: Handoff,
  position: string,
): void {
  builder.part(
    "handed",
    `
    INSERT INTO handoffs (workflow_run_id, phase_run_id, content_md, metadata_json)
    SELECT run.id, phases.id, ${builder.value(contentMd)}, ${builder.value(JSON.stringify(metadata))}::jsonb
      FROM run, phases WHERE phases.position = ${position}
    ON CONFLICT (phase_run_id) DO UPDATE SET content_md = excluded.content_md, metadata_json = excluded.metadata_json`,
  );
}

/** The last lines of the attempt that ends, as `Logs.append` would write them. */
function addLines(
  builder: StatementBuilder,
  { columns }: LogBatch,
  position: string,
): void {
  const [at, level, message, context] = columns.map((column) =>
    builder.value(column),
  );
  builder.part(
    "head",
    `
    UPDATE log_heads h SET next_seq = h.next_seq + cardinality(${at}::timestamptz[])
      FROM run WHERE h.workflow_run_id = run.id
    RETURNING h.run_day, h.next_seq - cardinality(${at}::timestamptz[]) AS first`,
  );
  builder.part(
    "lines",
    `
    INSERT INTO workflow_logs (run_day, workflow_run_id, seq, phase_run_id, "timestamp", level, message, context)
    SELECT head.run_day, run.id, head.first + l.n - 1, phases.id, l.at, l.level, l.message, l.context::jsonb
      FROM head, run, phases, unnest(${at}::timestamptz[], ${level}::text[], ${message}::text[], ${context}::text[]) WITH ORDINALITY AS l(at, level, message, context, n)
     WHERE phases.position = ${position}`,
  );
  builder.column("(SELECT first FROM head) AS first_line");
}

/** Its row changes with the run's status and with what an attempt has used. */
function addExecution(builder: StatementBuilder, save: Save): void {
  const { before, after, ended, actor, events } = save;
  const usage = ended?.usage ?? null;
  const { state } = before;
  const isShown =
    state.status !== after.status ||
    state.execution !== after.execution ||
    state.startedAt !== after.startedAt ||
    state.endedAt !== after.endedAt;
  if (!isShown && usage === null) return;
  const tokens = (usage?.inputTokens ?? 0) + (usage?.outputTokens ?? 0);
  const fromPhase = events[0]?.payload["phase"] ?? null;
  builder.part(
    "execution",
    `
    INSERT INTO executions AS x (workflow_run_id, number, status, requested_by, from_phase, note, agent, model, started_at, finished_at, total_tokens, total_cost)
    SELECT run.id, run.execution, run.status, ${builder.value(actor)}, ${builder.value(fromPhase)}, run.note, run.agent, run.model, run.started_at, run.completed_at,
           ${builder.value(tokens)}, ${builder.value(usage?.costUsd ?? 0)}
      FROM run
    ON CONFLICT (workflow_run_id, number) DO UPDATE
       SET status = excluded.status, started_at = excluded.started_at, finished_at = excluded.finished_at,
           total_tokens = x.total_tokens + excluded.total_tokens, total_cost = x.total_cost + excluded.total_cost`,
  );
}

function addEvents(builder: StatementBuilder, { actor, events }: Save): void {
  const rows = events.map(
    ({ type, cause, payload }) =>
      `(${builder.value(type)}::text, ${builder.value(cause)}::text, ${builder.value(JSON.stringify(payload))}::jsonb)`,
  );
  builder.part(
    "event",
    `
    INSERT INTO run_events (workflow_run_id, execution, type, actor, cause, payload)
    SELECT run.id, run.execution, e.type, ${builder.value(actor)}, e.cause, e.payload FROM run, (VALUES ${rows.join(", ")}) AS e(type, cause, payload)
    RETURNING seq`,
  );
  builder.column("(SELECT max(seq) FROM event)::int8 AS event_seq");
}

/**
 * Effects become desired anew. One that nobody has begun since it was last desired stays as it is: whoever begins it reads
 * the run after this transition, for this statement locks the row in any case.
 */
function addEffects(builder: StatementBuilder, kinds: Save["effects"]): void {
  if (kinds.length === 0) return;
  builder.part(
    "effect",
    `
    INSERT INTO effects AS f (workflow_run_id, repository_id, issue_number, kind, target, status, rung_at)
    SELECT run.id, run.repository_id, run.issue_number, k.kind, 'run:' || run.id || ':' || k.kind, 'intent', now()
      FROM run, unnest(${builder.value(kinds)}::text[]) AS k(kind)
     WHERE run.issue_number IS NOT NULL OR k.kind NOT IN ('status_comment', 'labels')
    ON CONFLICT (target) DO UPDATE
       SET desired_rev = f.desired_rev + 1,
           status = CASE WHEN f.status = 'acting' THEN 'acting' ELSE 'intent' END,
           failures = 0,
           next_at = greatest(now(), f.applied_at + interval '${EFFECT_SPACING_SECONDS.toString()} seconds'),
           rung_at = CASE
             -- Whoever acts leaves it to the reconciler when there is more to do.
             WHEN f.status = 'acting' AND f.lease_until > now() THEN f.rung_at
             -- Not due yet: left unrung, so that the reconciler rings at the first tick after the spacing.
             WHEN f.applied_at > now() - interval '${EFFECT_SPACING_SECONDS.toString()} seconds' THEN NULL
             ELSE now() END,
           updated_at = now()
     WHERE NOT (f.status = 'intent' AND f.desired_rev > f.applied_rev AND f.failures = 0
                AND (f.next_at > now() OR f.rung_at > now() - interval '${RING_ON_ITS_WAY_SECONDS.toString()} seconds'))
    RETURNING f.id, f.desired_rev AS rev, coalesce(f.rung_at = now(), false) AS due`,
  );
  builder.column(
    "(SELECT json_agg(json_build_object('id', id, 'rev', rev, 'due', due)) FROM effect) AS effects",
  );
}

/** By the columns' names; what is absent is left out. */
function namedExtras(extras: RunExtras = {}): Record<string, unknown> {
  const { pullRequestNumber, pushedSha, ...rest } = extras;
  return {
    ...rest,
    pull_request_number: pullRequestNumber,
    pushed_sha: pushedSha,
  };
}

interface SavedRow {
  readonly run_id: string | null;
  readonly event_seq: string | null;
  readonly first_line?: string | null;
  readonly attempt_id?: string | null;
  readonly phases?: Saved["phases"] | null;
  readonly effects?: Saved["effects"] | null;
}

/** Writes a transition; null when somebody else moved the run first. */
export async function saveTransition(
  executor: Executor,
  save: Save,
): Promise<Saved | null> {
  const { statement, values } = toStatement(save);
  const [row] = await executor.query<SavedRow>(statement, values);
  if (row?.run_id == null) return null;
  return {
    phases: row.phases ?? [],
    attemptId: row.attempt_id ?? null,
    eventSeq: Number(row.event_seq),
    firstLine: row.first_line == null ? null : Number(row.first_line),
    effects: row.effects ?? [],
  };
}

/** A person says that the quota is back before its moment. */
function asksForQuotaNow({ before, events }: Save): boolean {
  return (
    before.state.waiting?.reason === "quota" &&
    events.some(({ type }) => type === "continue_requested")
  );
}
