import type { Handoff } from "@pullwright/domain";
import { toJson } from "../storable.js";
import { addReservation, addSettlement } from "./ledger-parts.js";
import type { LogBatch } from "./log-batch.js";
import type { StatementBuilder } from "./statement-builder.js";
import type { Save } from "./transition-save.js";

/** The attempt that begins, and the one that ends with all that it leaves. */
export function addAttempts(builder: StatementBuilder, save: Save): void {
  const { claim, ended, lines } = save;
  if (claim !== undefined) {
    const { owner, agent, model } = claim;
    builder.part(
      "begun",
      `
    INSERT INTO attempts (phase_run_id, workflow_run_id, fence, owner, agent, model, status)
    SELECT phases.id, run.id, phases.fence, ${[owner, agent, model].map((value) => builder.value(value, "text")).join(", ")}, 'live'
      FROM ${builder.rowsOf("run", "id")} JOIN phases ON phases.workflow_run_id = run.id
     WHERE phases.status = 'running'
    RETURNING id, workflow_run_id`,
    );
    builder.column(
      `${builder.of("begun", "workflow_run_id", "id")} AS attempt_id`,
    );
    addReservation(builder, save);
  }
  if (ended === undefined) return;
  const position = builder.value(ended.position, "int");
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
  const columns: readonly [name: string, value: unknown, type: string][] = [
    ["outcome", outcome, "text"],
    [
      "failure_class",
      result?.outcome === "failed" ? result.failureClass : null,
      "text",
    ],
    ["message", message, "text"],
    ["input_tokens", usage?.inputTokens ?? 0, "int8"],
    ["output_tokens", usage?.outputTokens ?? 0, "int8"],
    ["cost_usd", usage?.costUsd ?? null, "numeric"],
  ];
  const sets = columns.map(
    ([name, value, type]) => `${name} = ${builder.value(value, type)}`,
  );
  const isRead = usage !== null || isNoted;
  // Joined with a single phase, the planner would look for the fence alone, in all of the index.
  const itsPhase =
    builder.form === "row"
      ? `WHERE a.phase_run_id = (SELECT id FROM phases WHERE position = ${position})`
      : `FROM ${builder.rowsOf("phases", "workflow_run_id")} WHERE phases.position = ${position} AND a.phase_run_id = phases.id`;
  builder.part(
    "ended",
    `
    UPDATE attempts a SET status = 'ended', ended_at = now(), ${sets.join(", ")}
    ${itsPhase} AND a.fence = ${builder.value(fence, "int")}${isRead ? " RETURNING a.id, a.workflow_run_id, a.agent, a.model" : ""}`,
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
    SELECT run.id, phases.id, ${builder.value(contentMd, "text")}, ${builder.value(toJson(metadata), "jsonb")}
      FROM ${builder.rowsOf("run", "id")} JOIN phases ON phases.workflow_run_id = run.id
     WHERE phases.position = ${position}
    ON CONFLICT (phase_run_id) DO UPDATE SET content_md = excluded.content_md, metadata_json = excluded.metadata_json`,
  );
}

/** The last lines of the attempt that ends, as `Logs.append` would write them. */
function addLines(
  builder: StatementBuilder,
  { columns }: LogBatch,
  position: string,
): void {
  const [at, level, message, context] = columns.map((column, index) =>
    builder.value(column, index === 0 ? "timestamptz[]" : "text[]"),
  );
  builder.part(
    "head",
    `
    UPDATE log_heads h SET next_seq = h.next_seq + cardinality(${at ?? ""})
      FROM ${builder.rowsOf("run", "id")} WHERE h.workflow_run_id = run.id
    RETURNING h.workflow_run_id, h.run_day, h.next_seq - cardinality(${at ?? ""}) AS first`,
  );
  builder.part(
    "lines",
    `
    INSERT INTO workflow_logs (run_day, workflow_run_id, seq, phase_run_id, "timestamp", level, message, context)
    SELECT head.run_day, run.id, head.first + l.n - 1, phases.id, l.at, l.level, l.message, l.context::jsonb
      FROM ${builder.rowsOf("run", "id")} JOIN head ON head.workflow_run_id = run.id JOIN phases ON phases.workflow_run_id = run.id,
           LATERAL unnest(${[at, level, message, context].join(", ")}) WITH ORDINALITY AS l(at, level, message, context, n)
     WHERE phases.position = ${position}`,
  );
  builder.column(
    `${builder.of("head", "workflow_run_id", "first")} AS first_line`,
  );
}
