import type { Handoff } from "@pullwright/domain";
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
  // A join would be planned for the rows that the table had when the connection was young, and read all of it later on.
  builder.part(
    "ended",
    `
    UPDATE attempts a SET status = 'ended', ended_at = now(), ${sets.join(", ")}
     WHERE a.phase_run_id = (SELECT id FROM phases WHERE position = ${position}) AND a.fence = ${builder.value(fence)}${usage === null && !isNoted ? "" : " RETURNING a.id, a.agent, a.model"}`,
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
