import type { RunState } from "@pullwright/domain";
import { THIS_TRANSACTION, TODAY } from "./budget-use.js";
import type { LoadedRun } from "./run-record.js";
import type { Save } from "./transition-save.js";
import type { StatementBuilder } from "./statement-builder.js";

/** It counts for the day on which it ends. */
const settledNow = `day = ${TODAY}, settled_at = now(), settled_tx = ${THIS_TRANSACTION}`;

/**
 * The condition that nobody reserved from the claim's budgets since they were read, which are this transaction's from here on;
 * nothing where they are locked already. In the order of their ids, as everywhere.
 */
export function holdBudgets(
  builder: StatementBuilder,
  { claim }: Save,
): string {
  if (claim?.budgets === undefined) return "";
  // Single values: with arrays Postgres would plan the statement anew each time.
  const known = claim.budgets.map(
    ({ id, version }) =>
      `(${builder.value(id, "text")}, ${builder.value(version, "bigint")})`,
  );
  builder.part(
    "as_read",
    `
    SELECT b.id FROM budgets b WHERE (b.id, b.version) IN (${known.join(", ")}) ORDER BY b.id FOR UPDATE`,
  );
  builder.part(
    "held",
    `
    UPDATE budgets b SET version = b.version + 1 FROM as_read WHERE b.id = as_read.id RETURNING b.id`,
  );
  return ` AND (SELECT count(*) FROM held) = ${known.length.toString()}`;
}

/** What the attempt that begins may take, out of the budgets that it was reserved from. */
export function addReservation(
  builder: StatementBuilder,
  { before, after, claim }: Save,
): void {
  if (claim?.reserved === undefined) return;
  const { agent, model, reserved } = claim;
  const running = after.phases.find(({ status }) => status === "running");
  const values = [
    builder.value(agent, "text"),
    builder.value(model, "text"),
    builder.value(reserved.usd, "numeric"),
    builder.value(reserved.tokens, "int8"),
  ].join(", ");
  builder.part(
    "reserved",
    `
    INSERT INTO ledger (attempt_id, ${placeNames}, agent, model, reserved_usd, reserved_tokens)
    SELECT begun.id, ${placeOf(builder, before, after, running?.definition.name)}, ${values}
      FROM ${builder.rowsOf("run", "id")} JOIN begun ON begun.workflow_run_id = run.id`,
  );
}

/**
 * What the attempt that ends took is settled together with its end, whatever that is. Without money or tokens there is
 * nothing to settle but what was noted before.
 */
export function addSettlement(
  builder: StatementBuilder,
  { before, ended }: Save,
): void {
  if (ended === undefined) return;
  const { usage, position, isNoted, outcome } = ended;
  const { state } = before;
  if (usage === null || outcome === "lost") {
    if (!isNoted) return;
    // Of a lost one the tokens stay as they were noted.
    builder.part(
      "settled",
      `
    UPDATE ledger l SET cost_usd = ${builder.value(usage?.costUsd ?? 0, "numeric")}, ${settledNow}
      FROM ${builder.rowsOf("ended", "workflow_run_id")} WHERE l.attempt_id = ended.id`,
    );
    return;
  }
  const phase = state.phases.find((one) => one.position === position);
  const tokens = usage.inputTokens + usage.outputTokens;
  builder.part(
    "settled",
    `
    INSERT INTO ledger (attempt_id, ${placeNames}, agent, model, cost_usd, tokens, settled_at, settled_tx)
    SELECT ended.id, ${placeOf(builder, before, state, phase?.definition.name)}, ended.agent, ended.model, ${builder.value(usage.costUsd ?? 0, "numeric")}, ${builder.value(tokens, "int8")}, now(), ${THIS_TRANSACTION}
      FROM ${builder.rowsOf("run", "id")} JOIN ended ON ended.workflow_run_id = run.id
    ON CONFLICT (attempt_id) DO UPDATE SET cost_usd = excluded.cost_usd, tokens = excluded.tokens, ${settledNow}`,
  );
}

const placeNames =
  "day, workflow_run_id, adw_id, execution, phase, repository_id, work_item_id, labels";

function placeOf(
  builder: StatementBuilder,
  run: LoadedRun,
  { execution }: RunState,
  phase: string | undefined,
): string {
  const adwId = builder.value(run.adwId, "text");
  const number = builder.value(execution, "int");
  const name = builder.value(phase, "text");
  const repository = builder.value(run.repository.id, "uuid");
  const workItem = builder.value(run.workItemId, "uuid");
  return `${TODAY}, run.id, ${adwId}, ${number}, ${name}, ${repository}, ${workItem}, (SELECT labels FROM work_items WHERE id = ${workItem})`;
}
