import type { RunState } from "@pullwright/domain";
import { TODAY } from "./budget-use.js";
import type { LoadedRun } from "./run-record.js";
import type { Save } from "./transition-save.js";
import type { StatementBuilder } from "./statement-builder.js";

/** What the attempt that begins may take, out of the budgets that it was reserved from. */
export function addReservation(
  builder: StatementBuilder,
  { before, after, claim }: Save,
): void {
  if (claim?.reserved === undefined) return;
  const { agent, model, reserved } = claim;
  const running = after.phases.find(({ status }) => status === "running");
  const values = [agent, model, reserved.usd, reserved.tokens]
    .map((value) => builder.value(value))
    .join(", ");
  builder.part(
    "reserved",
    `
    INSERT INTO ledger (attempt_id, ${placeNames}, agent, model, reserved_usd, reserved_tokens)
    SELECT begun.id, ${placeOf(builder, before, after, running?.definition.name)}, ${values} FROM begun, run`,
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
  const value = (one: unknown) => builder.value(one);
  const { state } = before;
  if (usage === null || outcome === "lost") {
    if (!isNoted) return;
    // Of a lost one the tokens stay as they were noted.
    builder.part(
      "settled",
      `
    UPDATE ledger l SET cost_usd = ${value(usage?.costUsd ?? 0)}, settled_at = now()
      FROM ended WHERE l.attempt_id = ended.id`,
    );
    return;
  }
  const phase = state.phases.find((one) => one.position === position);
  const tokens = usage.inputTokens + usage.outputTokens;
  builder.part(
    "settled",
    `
    INSERT INTO ledger (attempt_id, ${placeNames}, agent, model, cost_usd, tokens, settled_at)
    SELECT ended.id, ${placeOf(builder, before, state, phase?.definition.name)}, ended.agent, ended.model, ${value(usage.costUsd ?? 0)}, ${value(tokens)}, now() FROM ended, run
    ON CONFLICT (attempt_id) DO UPDATE SET cost_usd = excluded.cost_usd, tokens = excluded.tokens, settled_at = now()`,
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
  const [adwId, number, name, repository, workItem] = [
    run.adwId,
    execution,
    phase,
    run.repository.id,
    run.workItemId,
  ].map((value) => builder.value(value));
  return `${TODAY}, run.id, ${adwId}, ${number}::int, ${name}, ${repository}::uuid, ${workItem}::uuid, (SELECT labels FROM work_items WHERE id = ${workItem}::uuid)`;
}
