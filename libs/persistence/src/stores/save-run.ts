import type { PhaseRunState } from "@pullwright/domain";
import { runPatch } from "../rows/run-patch.js";
import { toJson } from "../storable.js";
import { addAttempts } from "./attempt-parts.js";
import { addEarlyTry, addRest, mayAsk } from "./breaker-parts.js";
import { addEffects } from "./effect-parts.js";
import { holdBudgets } from "./ledger-parts.js";
import { addPhases } from "./phase-parts.js";
import {
  StatementBuilder,
  type Composed,
  type Form,
} from "./statement-builder.js";
import type { RunExtras, Save, Saved } from "./transition-save.js";

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

const extraColumns = {
  pull_request_number: "int",
  pushed_sha: "text",
  agent: "text",
  model: "text",
  note: "text",
} as const;

/**
 * A whole transition in one statement and so in one transaction: the run, its phases, the attempt that begins or
 * ends with its last log lines, the execution, the events and the effects. Nothing is written unless the run still has the version that was
 * read. One round trip here is what keeps a phase's end to one hop.
 *
 * Postgres sets up every part and column of a statement each time, also those that then write nothing: so a statement has
 * only what this transition changes.
 */
export function composeSave(save: Save, form: Form): Composed {
  const builder = new StatementBuilder("run_save", form);
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
  const id = builder.value(before.id, "uuid");
  const areBudgetsHeld = holdBudgets(builder, save);
  const sets = [
    ...builder.changes(runPatch(before.state), runPatch(after), runColumns),
    ...builder.changes({}, namedExtras(extras), extraColumns),
    ...ofAnotherPull(builder, extras),
    "updated_at = now()",
    "version = r.version + 1",
  ];
  builder.part(
    "run",
    `
    UPDATE workflow_runs r SET ${sets.join(", ")}${builder.form === "row" ? "" : " FROM given"}
     WHERE r.id = ${id} AND r.version = ${builder.value(before.version, "int")}${mayAsk(builder, save)}${areBudgetsHeld}
    RETURNING r.id, r.repository_id, r.issue_number, r.execution, r.status, r.started_at, r.completed_at, r.agent, r.model, r.note`,
  );
  builder.column(`${id} AS asked`);
  builder.column(`${builder.of("run", "id", "id")} AS run_id`);
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
    SELECT run.id, run.execution, run.status, ${builder.value(actor, "text")}, ${builder.value(fromPhase, "text")}, run.note, run.agent, run.model, run.started_at, run.completed_at,
           ${builder.value(tokens, "int8")}, ${builder.value(usage?.costUsd ?? 0, "numeric")}
      FROM ${builder.rowsOf("run", "id")}
    ON CONFLICT (workflow_run_id, number) DO UPDATE
       SET status = excluded.status, started_at = excluded.started_at, finished_at = excluded.finished_at,
           total_tokens = x.total_tokens + excluded.total_tokens, total_cost = x.total_cost + excluded.total_cost`,
  );
}

function addEvents(builder: StatementBuilder, { actor, events }: Save): void {
  const rows = events.map(
    ({ type, cause, requestSha256, payload }) =>
      `(${builder.value(type, "text")}, ${builder.value(cause, "text")}, ${builder.value(requestSha256, "text")}, ${builder.value(toJson(payload), "jsonb")})`,
  );
  builder.part(
    "event",
    `
    INSERT INTO run_events (workflow_run_id, execution, type, actor, cause, request_sha256, payload)
    SELECT run.id, run.execution, e.type, ${builder.value(actor, "text")}, e.cause, e.request_sha256, e.payload
      FROM ${builder.rowsOf("run", "id")}, LATERAL (VALUES ${rows.join(", ")}) AS e(type, cause, request_sha256, payload)
    RETURNING seq, workflow_run_id`,
  );
  builder.column(
    `${builder.of("event", "workflow_run_id", "max(seq)")}::int8 AS event_seq`,
  );
}

/** That the run's pull request was merged is no news of the next one. */
function ofAnotherPull(
  builder: StatementBuilder,
  { pullRequestNumber }: RunExtras = {},
): string[] {
  if (pullRequestNumber === undefined) return [];
  const number = builder.value(pullRequestNumber, "int");
  return [
    `pull_request_merged_at = CASE WHEN r.pull_request_number = ${number} THEN r.pull_request_merged_at END`,
  ];
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

export interface SavedRow {
  /** The run that was to be changed. */
  readonly asked: string;
  /** The same when it was. */
  readonly run_id: string | null;
  readonly event_seq: string | null;
  readonly first_line?: string | null;
  readonly attempt_id?: string | null;
  readonly phases?: Saved["phases"] | null;
  readonly effects?: Saved["effects"] | null;
}

/** What a transition has written, by the row that its statement answers; null when somebody else moved the run first. */
export function toSaved(row: SavedRow | undefined): Saved | null {
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
function asksForQuotaNow({ before: { state }, events }: Save): boolean {
  const waits =
    state.waiting === null
      ? state.phases.some(isRerouted)
      : state.waiting.reason === "quota";
  return waits && events.some(({ type }) => type === "continue_requested");
}

/** Queued for another agent than its first. */
const isRerouted = ({ status, setbacks }: PhaseRunState): boolean =>
  status === "queued" && setbacks.length > 0;
